"""School hours: how long somebody has to answer, counted only while schools are open (W-16)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.calendar import LONDON
from shared.refusal import Invalid

LONGEST_WAIT = timedelta(days=366)  # no calendar closes schools for longer

IsSchoolDay = Callable[[date], bool]


class NoSchoolHours(Invalid):
    def __init__(self, opens: time, closes: time):
        super().__init__(
            f"School hours from {opens:%H:%M} until {closes:%H:%M} are none: enter an end later than the beginning"
        )


@dataclass(frozen=True)
class SchoolHours:
    """How long somebody has to answer, and the hours that count. The hours are London's."""

    minutes: int = 30
    opens: time = time(8)
    closes: time = time(17)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise NoSchoolHours(self.opens, self.closes)


def answer_by(asked_at: datetime, hours: SchoolHours, is_school_day: IsSchoolDay) -> datetime:
    """When the time to answer runs out, counting only minutes in school hours (W-16)."""
    left = timedelta(minutes=hours.minutes)
    local = asked_at.astimezone(LONDON)
    day, last = local.date(), local.date() + LONGEST_WAIT
    while day <= last:
        begins, ends = _hours_of(day, hours)
        begins = max(begins, asked_at)
        if is_school_day(day) and begins < ends:
            if begins + left <= ends:
                return begins + left
            left -= ends - begins
        day += timedelta(days=1)
    return asked_at + LONGEST_WAIT


def minutes_between(begun: datetime, ended: datetime, hours: SchoolHours, is_school_day: IsSchoolDay) -> float:
    """The minutes in school hours from one instant to another."""
    counted = timedelta()
    day, last = begun.astimezone(LONDON).date(), ended.astimezone(LONDON).date()
    while day <= last:
        begins, ends = _hours_of(day, hours)
        if is_school_day(day):
            counted += max(min(ends, ended) - max(begins, begun), timedelta())
        day += timedelta(days=1)
    return counted.total_seconds() / 60


def _hours_of(day: date, hours: SchoolHours) -> tuple[datetime, datetime]:
    """As instants: two London times of one day differ by an hour more or less where the clocks change between."""
    return (
        datetime.combine(day, hours.opens, LONDON).astimezone(UTC),
        datetime.combine(day, hours.closes, LONDON).astimezone(UTC),
    )
