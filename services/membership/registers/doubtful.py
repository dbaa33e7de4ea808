"""Lines that are taken, though something in them can't be meant: what somebody should look at, and its cure."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.membership.domain.doubtful_date import Of, doubts
from services.membership.domain.school import Status
from services.membership.registers.lines import SHOWN, Line, Problem
from services.membership.registers.reading import Layout, as_date

_COLUMNS = {Of.OPENING: "OpenDate", Of.CLOSING: "CloseDate"}
_CURE = "If that is wrong, have the register put right and import its next file, or send this one again with the right date."


# What a spreadsheet would run as a formula, in the columns that are text: where each kept text stands in each layout.
_FORMULA = ("=", "+", "-", "@")
_TEXTS = {
    "gias": {"name": "EstablishmentName", "trust_name": "Trusts (name)"},
    "gias-minimal": {"name": "name"},
    "ofsted-2025": {"name": "School name", "trust_name": "Multi-academy trust name"},
    "ofsted-2026": {"name": "School name", "trust_name": "Multi-academy trust name"},
    "groups": {"name": "Group Name"},
    "group-links": {"trust_name": "Group Name"},
}
_NO_NAME = (
    "A spreadsheet would run this as a formula; here it is kept as the text that it is. If it is no name, take the line from the "
    "register again."
)


def doubtful(line: Line, layout: Layout, as_at: date) -> Iterator[Problem]:
    yield from _formulas(line, layout)
    yield from _dates(line, as_at)


def _formulas(line: Line, layout: Layout) -> Iterator[Problem]:
    for kept, column in _TEXTS.get(layout.name, {}).items():
        found = line.kept.get(kept) or ""
        if found.startswith(_FORMULA):
            yield _doubt(line, column, found[:SHOWN], _NO_NAME)


def _dates(line: Line, as_at: date) -> Iterator[Problem]:
    if "status" not in line.kept:
        return  # other files than the register of schools
    opened_on, closed_on = as_date(line.kept.get("opened_on")), as_date(line.kept.get("closed_on"))
    for doubt in doubts(Status(line.kept["status"]), bool(line.kept.get("closing")), opened_on, closed_on, as_at):
        on = opened_on if doubt.of is Of.OPENING else closed_on
        assert on is not None
        written = on if doubt.of is Of.OPENING else on - timedelta(days=1)  # the register writes the last day open
        yield _doubt(line, _COLUMNS[doubt.of], f"{written:%d-%m-%Y}", f"{doubt.because}. {_CURE}")


def _doubt(line: Line, column: str, value: str, cure: str) -> Problem:
    return Problem(line.number, column, value, cure, taken=True, authority=line.kept.get("authority") or "")
