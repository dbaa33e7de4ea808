"""What was entered wrongly: corrections of offices, allocations and places in bodies, with their reasons (R0.4)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters, told_of
from infra.local.commands.bodies import BodyId
from infra.local.commands.options import SHOW_PEOPLE, AsJson, Data, a_day, a_day_or_none, print_json, print_table
from infra.local.commands.schools import Urn

correction = typer.Typer(help="What was entered wrongly, and what was really so.", no_args_is_help=True)


class Kind(StrEnum):
    """What is corrected by its id."""

    offices = "offices"
    allocations = "allocations"


class Withdrawn(StrEnum):
    """What is withdrawn by its id."""

    offices = "offices"
    allocations = "allocations"
    la_category = "la-category"


Reason = Annotated[str, typer.Option(help="Why; it is kept with what had been entered before.")]
ReallyWas = Annotated[UUID | None, typer.Option("--person", help=f"Id of the person who it really was; {SHOW_PEOPLE}.")]
Since = Annotated[str | None, a_day("--from", "The day from which it was really so.")]
Until = Annotated[
    str | None, a_day_or_none("--until", "The first day on which it was no longer so; `none`: it has no end.")
]


@correction.command("list")
def list_corrections(urn: Urn, data: Data = None, as_json: AsJson = False) -> None:
    """What was corrected or withdrawn about a school, the latest first."""
    found = Api(data).get("membership", f"/schools/{urn}/corrections")
    if as_json:
        print_json(found)
        return
    print_table(
        ["correction", "of", "which", "what", "why", "by", "when"],
        [
            [
                each["correction_id"],
                each["kind"],
                each["fact_id"],
                "withdrawn" if each["withdrawn"] else "corrected",
                each["reason"],
                each["corrected_by"],
                each["recorded_at"],
            ]
            for each in found
        ],
    )


@correction.command("show")
def show_correction(
    urn: Urn,
    correction_id: Annotated[UUID, typer.Argument(help="The id that `correction list` shows.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """One correction, whole."""
    found = Api(data).get("membership", f"/schools/{urn}/corrections")
    mine = [each for each in found if each["correction_id"] == str(correction_id)]
    if not mine:
        raise typer.BadParameter(f"Nothing about {urn} was corrected under {correction_id}")
    told_of(mine[0], as_json)


@enters(correction, "fact")
def correct_fact(
    kind: Kind,
    fact_id: Annotated[
        UUID, typer.Argument(help="Id of the term of office or of the allocation; `explain` shows both.")
    ],
    reason: Reason,
    person: ReallyWas = None,
    since: Since = None,
    until: Until = None,
    all_the_same: Annotated[
        str | None, typer.Option(help="Of an allocation above the limit, or within the school's own trust: why.")
    ] = None,
) -> Entry:
    """Correct an office or an allocation; what is left out stays as it was entered."""
    carries = {"reason": reason, "from": since, "until": until, "person_id": person, "all_the_same": all_the_same}
    return Entry(f"/{kind}/{fact_id}/correct", carries)


@enters(correction, "place")
def correct_place(
    urn: Urn,
    body_id: Annotated[
        UUID, typer.Argument(help="Id of the body in which the school was entered; `explain` shows it.")
    ],
    on: Annotated[str, a_day("--on", "A day of the place that was entered wrongly.")],
    reason: Reason,
    to: Annotated[
        UUID | None, typer.Option(help="Id of the body to which it really belonged; `body list` shows it.")
    ] = None,
    since: Since = None,
    until: Until = None,
) -> Entry:
    """Correct a school's place in a body; what is left out stays as it was entered."""
    carries = {"on": on, "reason": reason, "from": since, "until": until, "body_id": to}
    return Entry(f"/bodies/{body_id}/schools/{urn}/correct", carries)


@enters(correction, "closing")
def correct_closing(
    body_id: BodyId,
    on: Annotated[str, a_day("--on", "The first day on which there really is no such body any more.")],
    reason: Reason,
) -> Entry:
    """Correct the day on which a body closes or has closed."""
    return Entry(f"/bodies/{body_id}/closing/correct", {"closed_on": on, "reason": reason})


@enters(correction, "withdraw-closing")
def withdraw_closing(body_id: BodyId, reason: Reason) -> Entry:
    """Withdraw the closing of a body: what ended only with it goes on."""
    return Entry(f"/bodies/{body_id}/closing/withdraw", {"reason": reason})


@enters(correction, "lifting")
def correct_lifting(
    entry_id: Annotated[UUID, typer.Argument(help="Id of the authority's entry that was lifted; `explain` shows it.")],
    on: Annotated[str, a_day("--on", "The day from which it really stood no longer.")],
    reason: Reason,
) -> Entry:
    """Correct the day on which an entry of the authority was lifted, once it has gone."""
    return Entry(f"/la-category/{entry_id}/correct-lifting", {"on": on, "reason": reason})


@enters(correction, "review")
def correct_review(
    entry_id: Annotated[UUID, typer.Argument(help="Id of the authority's entry; `explain` shows it.")],
    on: Annotated[str, a_day("--on", "The day on which an officer is really to be asked.")],
    reason: Reason,
) -> Entry:
    """Correct the review date of an entry of the authority, as long as nobody is asked."""
    return Entry(f"/la-category/{entry_id}/correct-review", {"review_on": on, "reason": reason})


@enters(correction, "withdraw")
def withdraw_fact(
    kind: Withdrawn,
    fact_id: Annotated[
        UUID,
        typer.Argument(help="Id of the office, allocation or entry of the authority; `explain` shows each."),
    ],
    reason: Reason,
) -> Entry:
    """Withdraw an office, an allocation or an entry of the authority that never was. What was told of it stays told."""
    return Entry(f"/{kind}/{fact_id}/withdraw", {"reason": reason})


@enters(correction, "withdraw-place")
def withdraw_place(
    urn: Urn,
    body_id: Annotated[
        UUID, typer.Argument(help="Id of the body in which the school was entered; `explain` shows it.")
    ],
    on: Annotated[str, a_day("--on", "A day of the place that never was.")],
    reason: Reason,
) -> Entry:
    """Withdraw a school's place in a body: it never belonged to it on those days."""
    return Entry(f"/bodies/{body_id}/schools/{urn}/withdraw", {"on": on, "reason": reason})
