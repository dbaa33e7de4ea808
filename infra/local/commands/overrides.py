"""Overrides: somebody else speaks for a school for a time, with a reason (W-19)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, day, print_json, print_table
from infra.local.commands.schools import Urn, told_of

override = typer.Typer(help="Who speaks for a school for a time, whatever the rules say.", no_args_is_help=True)


class Matters(StrEnum):
    """What an override is about."""

    general = "general"
    inspection = "inspection"
    both = "both"


@override.command("set")
def set_override(
    urn: Urn,
    until: Annotated[str, typer.Option(help="The first day on which the rules decide again; a year ahead at most.")],
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
    person: Annotated[UUID | None, typer.Option(help="Id of the person who speaks; else the duty desk.")] = None,
    matter: Annotated[Matters, typer.Option(help="On which matter.")] = Matters.both,
    since: Annotated[str | None, typer.Option("--from", help="The day on which it begins; else today.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody else speak for a school. It expires by itself."""
    body = {"matter": matter.value, "until": day(until), "reason": reason, **({"from": day(since)} if since else {})}
    if person:
        body["person_id"] = str(person)
    told_of(Api(data).post("membership", f"/schools/{urn}/overrides", body), as_json)


@override.command("end")
def end_override(
    override_id: Annotated[UUID, typer.Argument(help="The id that `override set` gave.")],
    reason: Annotated[str, typer.Option(help="Why it ends early.")],
    on: Annotated[str | None, typer.Option("--on", help="The first day without it; else today.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """End it before it expires."""
    body = {"reason": reason, **({"on": day(on)} if on else {})}
    told_of(Api(data).post("membership", f"/overrides/{override_id}/end", body), as_json)


@override.command("list")
def list_overrides(urn: Urn, data: Data = None, as_json: AsJson = False) -> None:
    """Every override that a school has, had or is to have."""
    found = Api(data).get("membership", f"/schools/{urn}/overrides")
    if as_json:
        print_json(found)
        return
    print_table(
        ["override", "matter", "who", "from", "until", "why", "set by"],
        [
            [
                each["override_id"],
                each["matter"],
                each["person_name"] or "the duty desk",
                each["from_date"],
                each["until"],
                each["reason"],
                each["set_by"],
            ]
            for each in found
        ],
    )
