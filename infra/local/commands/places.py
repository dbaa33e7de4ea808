"""What the register can't say of schools that continue others: an officer is asked, answers, and names a lead body."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, day, print_json, print_table
from infra.local.commands.schools import Urn, told_of

ask = typer.Typer(help="Questions to an officer that the register can't answer.", no_args_is_help=True)


body = typer.Typer(help="What becomes of a body of schools.", no_args_is_help=True)


@body.command("close")
def close_body(
    body_id: Annotated[UUID, typer.Argument(help="Id of the body.")],
    on: Annotated[str, typer.Option(help="The first day on which there is no such body any more.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the terms of office that end.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Close a body: its schools leave it and its terms of office end on that day."""
    said = {"closed_on": day(on), "reason": reason}
    told_of(Api(data).post("membership", f"/bodies/{body_id}/close", said), as_json)


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


@ask.command("answer")
def answer_ask(
    ask_id: Annotated[UUID, typer.Argument(help="The id that `ask list` shows.")],
    answer: Annotated[str, typer.Option(help="What was decided; it is kept with the question.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say how a question was settled. Whatever was decided is entered by its own command."""
    told_of(Api(data).post("membership", f"/asks/{ask_id}/answer", {"answer": answer}), as_json)


def name_lead_body(
    urn: Urn,
    body_id: Annotated[UUID, typer.Argument(help="Id of the body whose chair counts for the school.")],
    since: Annotated[str, typer.Option("--from", help="The day from which it leads.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Name the body whose chair counts for a school in two bodies."""
    body = {"body_id": str(body_id), "from": day(since)}
    told_of(Api(data).post("membership", f"/schools/{urn}/lead-body", body), as_json)
