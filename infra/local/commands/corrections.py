"""What was entered wrongly: corrections of offices, allocations and places in bodies, with their reasons (R0.4)."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, day, print_json, print_table
from infra.local.commands.schools import Urn, told_of

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
Since = Annotated[str | None, typer.Option("--from", help="The day from which it was really so.")]
Until = Annotated[str | None, typer.Option(help="The first day on which it was no longer so; `none`: it has no end.")]


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
    correction_id: Annotated[UUID, typer.Argument(help="The id that `correction list` gave.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """One correction, whole."""
    found = Api(data).get("membership", f"/schools/{urn}/corrections")
    mine = [each for each in found if each["correction_id"] == str(correction_id)]
    if not mine:
        raise typer.BadParameter(f"Nothing about {urn} was corrected under {correction_id}")
    told_of(mine[0], as_json)


@correction.command("fact")
def correct_fact(
    kind: Kind,
    fact_id: Annotated[UUID, typer.Argument(help="Id of the term of office or of the allocation.")],
    reason: Reason,
    person: Annotated[UUID | None, typer.Option(help="Id of the person who it really was.")] = None,
    since: Since = None,
    until: Until = None,
    all_the_same: Annotated[
        str | None, typer.Option(help="Of an allocation above the limit, or within the school's own trust: why.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Correct an office or an allocation; what is left out stays as it was entered."""
    body = {"reason": reason, **days_of(since, until), **({"person_id": str(person)} if person else {})}
    body |= {"all_the_same": all_the_same} if all_the_same else {}
    told_of(Api(data).post("membership", f"/{kind.value}/{fact_id}/correct", body), as_json)


@correction.command("place")
def correct_place(
    urn: Urn,
    body_id: Annotated[UUID, typer.Argument(help="Id of the body in which the school was entered.")],
    on: Annotated[str, typer.Option("--on", help="A day of the place that was entered wrongly.")],
    reason: Reason,
    to: Annotated[UUID | None, typer.Option(help="Id of the body to which it really belonged.")] = None,
    since: Since = None,
    until: Until = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Correct a school's place in a body; what is left out stays as it was entered."""
    body = {"on": day(on), "reason": reason, **days_of(since, until), **({"body_id": str(to)} if to else {})}
    told_of(Api(data).post("membership", f"/bodies/{body_id}/schools/{urn}/correct", body), as_json)


BodyId = Annotated[UUID, typer.Argument(help="Id of the body.")]


@correction.command("closing")
def correct_closing(
    body_id: BodyId,
    on: Annotated[str, typer.Option("--on", help="The first day on which there really is no such body any more.")],
    reason: Reason,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Correct the day on which a body closes or has closed."""
    body = {"closed_on": day(on), "reason": reason}
    told_of(Api(data).post("membership", f"/bodies/{body_id}/closing/correct", body), as_json)


@correction.command("withdraw-closing")
def withdraw_closing(body_id: BodyId, reason: Reason, data: Data = None, as_json: AsJson = False) -> None:
    """Withdraw the closing of a body: what ended only with it goes on."""
    told_of(Api(data).post("membership", f"/bodies/{body_id}/closing/withdraw", {"reason": reason}), as_json)


@correction.command("lifting")
def correct_lifting(
    entry_id: Annotated[UUID, typer.Argument(help="Id of the authority's entry that was lifted.")],
    on: Annotated[str, typer.Option("--on", help="The day from which it really stood no longer.")],
    reason: Reason,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Correct the day on which an entry of the authority was lifted, once it has gone."""
    body = {"on": day(on), "reason": reason}
    told_of(Api(data).post("membership", f"/la-category/{entry_id}/correct-lifting", body), as_json)


@correction.command("withdraw")
def withdraw_fact(
    kind: Withdrawn,
    fact_id: Annotated[UUID, typer.Argument(help="Id of the term of office, the allocation or the authority's entry.")],
    reason: Reason,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw an office, an allocation or an entry of the authority that never was. What was told of it stays told."""
    told_of(Api(data).post("membership", f"/{kind.value}/{fact_id}/withdraw", {"reason": reason}), as_json)


@correction.command("withdraw-place")
def withdraw_place(
    urn: Urn,
    body_id: Annotated[UUID, typer.Argument(help="Id of the body in which the school was entered.")],
    on: Annotated[str, typer.Option("--on", help="A day of the place that never was.")],
    reason: Reason,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw a school's place in a body: it never belonged to it on those days."""
    body = {"on": day(on), "reason": reason}
    told_of(Api(data).post("membership", f"/bodies/{body_id}/schools/{urn}/withdraw", body), as_json)


def days_of(since: str | None, until: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"from": day(since)} if since else {}
    if until:
        found["until"] = None if until == "none" else day(until)
    return found
