"""Schools' places in bodies, and what the register can't say of schools that continue others: an officer is asked."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.bodies import BodyId
from infra.local.commands.options import AsJson, Data, a_day, console, print_json, print_table
from infra.local.commands.schools import Urn, school

ask = typer.Typer(help="Questions to an officer that the register can't answer.", no_args_is_help=True)


@ask.command("list")
def list_asks(
    authority: Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What an officer is asked about the authority's schools, the oldest first."""
    found = Api(data).get("membership", "/asks", authority=authority)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("Nobody is asked anything.")
        return
    columns = ("ask_id", "urn", "school_name", "kind", "on", "why")
    print_table(
        ["question", "URN", "school", "about", "of", "why"], [[each[name] for name in columns] for each in found]
    )


@enters(ask, "answer")
def answer_ask(
    ask_id: Annotated[UUID, typer.Argument(help="The id that `ask list` shows.")],
    answer: Annotated[str, typer.Option(help="What was decided; it is kept with the question.")],
) -> Entry:
    """Say how a question was settled. Whatever was decided is entered by its own command."""
    return Entry(f"/asks/{ask_id}/answer", {"answer": answer})


@enters(school, "join")
def join_body(
    urn: Urn,
    body_id: BodyId,
    since: Annotated[str, a_day("--from", "The day from which it belongs to the body; it may lie ahead.")],
    until: Annotated[str | None, a_day("--until", "The first day on which it no longer does, if known.")] = None,
    lead: Annotated[
        bool | None,
        typer.Option("--lead/--no-lead", help="Whether this body's chair counts; else the highest phase decides."),
    ] = None,
) -> Entry:
    """A school joins a body. To put a place right that was entered wrongly: `correction place`."""
    return Entry(f"/bodies/{body_id}/schools", {"urn": urn, "from": since, "until": until, "lead": lead})


@enters(school, "leave")
def leave_body(
    urn: Urn,
    body_id: BodyId,
    on: Annotated[str, a_day("--on", "The first day on which it no longer belongs to the body; it may lie ahead.")],
) -> Entry:
    """A school leaves a body. Where that body led, another of its bodies leads from then on."""
    return Entry(f"/bodies/{body_id}/schools/{urn}/leave", {"left_on": on})


@enters(school, "lead-body")
def name_lead_body(
    urn: Urn,
    body_id: Annotated[
        UUID, typer.Argument(help="Id of the body whose chair counts for the school; `body list` shows it.")
    ],
    since: Annotated[str, a_day("--from", "The day from which it leads.")],
) -> Entry:
    """Name the body whose chair counts for a school in two bodies."""
    return Entry(f"/schools/{urn}/lead-body", {"body_id": body_id, "from": since})
