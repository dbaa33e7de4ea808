"""Overrides: somebody else speaks for a school for a time, with a reason (W-19)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import SHOW_PEOPLE, AsJson, Data, a_day, print_json, print_table
from infra.local.commands.schools import Urn

override = typer.Typer(help="Who speaks for a school for a time, whatever the rules say.", no_args_is_help=True)


class Matters(StrEnum):
    """What an override is about."""

    general = "general"
    inspection = "inspection"
    both = "both"


@enters(override, "set")
def set_override(
    urn: Urn,
    until: Annotated[str, a_day("--until", "The first day on which the rules decide again; a year ahead at most.")],
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
    person: Annotated[
        UUID | None, typer.Option(help=f"Id of the person who speaks; {SHOW_PEOPLE}. Else the duty desk.")
    ] = None,
    matter: Annotated[Matters, typer.Option(help="On which matter.")] = Matters.both,
    since: Annotated[str | None, a_day("--from", "The day on which it begins; else today.")] = None,
) -> Entry:
    """Let somebody else speak for a school. It expires by itself."""
    carries = {"matter": matter, "until": until, "reason": reason, "from": since, "person_id": person}
    return Entry(f"/schools/{urn}/overrides", carries)


@enters(override, "end")
def end_override(
    override_id: Annotated[UUID, typer.Argument(help="The id that `override list` shows.")],
    reason: Annotated[str, typer.Option(help="Why it ends early.")],
    on: Annotated[str | None, a_day("--on", "The first day without it; else today.")] = None,
) -> Entry:
    """End it before it expires."""
    return Entry(f"/overrides/{override_id}/end", {"reason": reason, "on": on})


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
