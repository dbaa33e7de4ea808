"""Dates of a register's line that contradict its status, or lie so far off that they can't be meant.

By its dates alone such a line would take a school's speaker away, or name one for a closed school, without anybody having
meant it. So the status counts, and whoever sent the file is told of the line (W-02, W-15).
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.membership.domain.school import Status

FAR_OFF = timedelta(days=5 * 366)  # from the day of the edition: nobody plans so far ahead, or has been so late


class Of(enum.StrEnum):
    OPENING = "opened_on"
    CLOSING = "closed_on"


@dataclass(frozen=True)
class Doubt:
    """``counts``: whether the date is taken all the same."""

    of: Of
    because: str
    counts: bool = False


def doubts(
    status: Status | None, closing: bool, opened_on: date | None, closed_on: date | None, as_at: date
) -> Iterator[Doubt]:
    """What is doubtful about these dates in an edition of that day. ``closed_on``: the first day no longer open."""
    if status is Status.PROPOSED and opened_on is not None and abs(opened_on - as_at) > FAR_OFF:
        yield Doubt(Of.OPENING, "The school is listed as proposed to open, and is taken as one that is not open yet")
    if status is Status.OPEN and opened_on is not None and opened_on - as_at > FAR_OFF:
        yield Doubt(Of.OPENING, "The school is listed as open, and is taken as open")
    if closed_on is None:
        return
    if status is Status.CLOSED and closed_on - as_at > FAR_OFF:
        yield Doubt(Of.CLOSING, "The school is listed as closed, and is taken as closed")
    if status is Status.OPEN:
        if closing and timedelta() <= as_at - closed_on <= FAR_OFF:
            because = (
                "The school is listed as open, but proposed to close, after that day, and is taken as closed since then"
            )
            yield Doubt(Of.CLOSING, because, counts=True)
        elif closed_on <= as_at:
            yield Doubt(Of.CLOSING, "The school is listed as open after that day, and is taken as open")
        elif closed_on - as_at > FAR_OFF:
            yield Doubt(
                Of.CLOSING, "No school's closing is planned so far ahead: it is taken as open, without a day of closing"
            )
