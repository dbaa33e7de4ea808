"""Lines that are taken, though a date of theirs can't be meant: what somebody should look at, and its cure."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.membership.domain.doubtful_date import Of, doubts
from services.membership.domain.school import Status
from services.membership.registers.lines import Line, Problem
from services.membership.registers.reading import as_date

_COLUMNS = {Of.OPENING: "OpenDate", Of.CLOSING: "CloseDate"}
_CURE = "If that is wrong, have the register put right and import its next file, or send this one again with the right date."


def doubtful(line: Line, as_at: date) -> Iterator[Problem]:
    if "status" not in line.kept:
        return  # other files than the register of schools
    opened_on, closed_on = as_date(line.kept.get("opened_on")), as_date(line.kept.get("closed_on"))
    for doubt in doubts(Status(line.kept["status"]), bool(line.kept.get("closing")), opened_on, closed_on, as_at):
        on = opened_on if doubt.of is Of.OPENING else closed_on
        assert on is not None
        written = on if doubt.of is Of.OPENING else on - timedelta(days=1)  # the register writes the last day open
        yield Problem(line.number, _COLUMNS[doubt.of], f"{written:%d-%m-%Y}", f"{doubt.because}. {_CURE}", taken=True)
