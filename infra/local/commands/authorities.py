"""What an authority sets for itself, and how its desks are reached and by whom (R0.3, R0.7, W-16, W-18)."""

from collections.abc import Callable
from datetime import time
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters, told_of
from infra.local.commands.options import NONE, SHOW_PEOPLE, AsJson, Data, console, print_json, print_table
from infra.local.trouble import Trouble

settings = typer.Typer(help="What an authority sets for itself.", no_args_is_help=True)
desk = typer.Typer(help="The desks of an authority, and their officers of the day.", no_args_is_help=True)

Authority = Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")]
WORDS = {
    "answer_minutes": "minutes in school hours before the next in line is asked",
    "hours_from": "school hours begin",
    "hours_until": "school hours end",
    "schools_a_leader": "schools that a system leader has at most without a reason",
}


class DeskName(StrEnum):
    """The desks of a council."""

    duty_desk = "duty-desk"
    improvement_desk = "improvement-desk"


def _or_none(option: str, kind: Callable[[str], Any], what: str, cure: str) -> Callable[[str], Any]:
    """`none`: nothing is stated any more, or nobody is named."""

    def said(text: str) -> Any:
        try:
            return NONE if text == "none" else kind(text)
        except ValueError:
            raise Trouble(f"{option} {text} is not {what}".strip(), f"{cure}, or none.") from None

    return said


def _number(option: str, means: str) -> Any:
    known = _or_none(option, int, "a number", "Write it as 30")
    return typer.Option(option, parser=known, metavar="NUMBER", help=means)


def _hour(option: str, means: str) -> Any:
    known = _or_none(option, lambda text: time.fromisoformat(text).isoformat(), "a time of day", "Write it as 08:30")
    return typer.Option(option, parser=known, metavar="TIME", help=means)


@settings.command("show")
def show(authority: Authority, data: Data = None, as_json: AsJson = False) -> None:
    """What an authority has set for itself, and what it has not stated."""
    found = Api(data).get("membership", f"/authorities/{authority}/settings")
    if as_json:
        print_json(found)
        return
    rows = [[words, "not stated" if found[name] is None else found[name]] for name, words in WORDS.items()]
    print_table(["", f"version {found['version']}"], rows)
    console.print(found["term_dates"], highlight=False)


@settings.command("set")
def set_(
    authority: Authority,
    reason: Annotated[str, typer.Option(help="The decision that it rests on.")],
    answer_minutes: Annotated[
        str | None, _number("--answer-minutes", "Until the next in line is asked about an inspection; none: 30.")
    ] = None,
    hours_from: Annotated[str | None, _hour("--hours-from", "When school hours begin; none: 08:00.")] = None,
    hours_until: Annotated[str | None, _hour("--hours-until", "When they end; none: 17:00.")] = None,
    schools_a_leader: Annotated[
        str | None, _number("--schools-a-leader", "How many schools a system leader has at most; none: any.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set something for an authority; what is left out stays as it is, and none is no longer stated."""
    api, path = Api(data), f"/authorities/{authority}/settings"
    known = api.get("membership", path)  # the route takes all of it at once
    given = dict(zip(WORDS, (answer_minutes, hours_from, hours_until, schools_a_leader), strict=True))
    stays = {name: known[name] for name, value in given.items() if value is None}
    told_of(api.post("membership", path, Entry(path, {**given, **stays, "reason": reason}).sent()), as_json)


@desk.command("list")
def list_desks(authority: Authority, data: Data = None, as_json: AsJson = False) -> None:
    """How each desk is reached, and who is its officer of the day."""
    found = Api(data).get("membership", f"/authorities/{authority}/desks")
    if as_json:
        print_json(found)
        return
    columns = ("desk", "mailbox", "telephone", "officer_of_the_day")
    print_table([name.replace("_", " ") for name in columns], [[each[name] for name in columns] for each in found])


Which = Annotated[DeskName, typer.Argument(metavar="DESK", help="duty-desk or improvement-desk.")]
_person = _or_none("", UUID, "the id of a person", "Write it as `explain` shows one")
PersonOrNobody = Annotated[
    str,
    typer.Argument(parser=_person, metavar="PERSON_ID", help=f"Who it is from now on; {SHOW_PEOPLE}. none: nobody."),
]


@enters(desk, "officer")
def name_officer(
    authority: Authority,
    which: Which,
    person_id: PersonOrNobody,
) -> Entry:
    """Name a desk's officer of the day. Whoever was asked about an inspection before stays the one who was asked."""
    return Entry(f"/authorities/{authority}/desks/{which}/officer-of-the-day", {"person_id": person_id})


@enters(desk, "change")
def change(
    authority: Authority,
    which: Which,
    mailbox: Annotated[str | None, typer.Option(help="The address that the desk is written to.")] = None,
    telephone: Annotated[str | None, typer.Option(help="The number that urgent messages say to ring.")] = None,
) -> Entry:
    """Change how a desk is reached; what is left out stays as it is."""
    return Entry(
        f"/authorities/{authority}/desks/{which}/contact-details", {"mailbox": mailbox, "telephone": telephone}
    )
