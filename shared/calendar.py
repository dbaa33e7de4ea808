"""School days: what a message, a timescale or a count of days in schools goes by (R0.9, W-12).

An authority's term dates say which days are school days. Where they are not known for a day, Monday to Friday less bank
holidays stands in; `consortia settings show` and `consortia doctor` say until when they are known. Days on which only the
staff are in are school days here: what goes by them is written to heads. The dates are data, read once: `calendars/`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DATA = Path(__file__).with_name("calendars")
A_DAY = timedelta(days=1)
# Nobody is written to before the school's day begins.
SCHOOLS_OPEN = time(8)
LONGEST_CLOSURE = 120  # days; a year whose dates are wrong must not send anybody searching for ever

TERM, WEEKEND, BANK_HOLIDAY, HOLIDAY, WEEKDAY = "term", "weekend", "bank-holiday", "holiday", "weekday"

ENDS_SOON = timedelta(days=92)  # term dates that end within three months have to be entered for the year after


class NoSchoolDay(Exception):
    def __init__(self, authority: str, after: date):
        super().__init__(f"Authority {authority} has no school day within {LONGEST_CLOSURE} days of {after}")


@dataclass(frozen=True)
class Span:
    """Days in school without a break. No last day: it is not known yet."""

    first: date
    last: date | None


@dataclass(frozen=True)
class SchoolYear:
    """One authority's year. Where ``halved``, the spans are half-terms, and two of them make a term (W-12)."""

    name: str
    spans: tuple[Span, ...]
    halved: bool

    @property
    def terms(self) -> tuple[Span, ...]:
        if not self.halved:
            return self.spans
        return tuple(Span(a.first, b.last) for a, b in zip(self.spans[::2], self.spans[1::2], strict=True))


@dataclass(frozen=True)
class SchoolDay:
    """What sort of day it is in an authority's schools, and by what that is known."""

    day: date
    kind: str

    @property
    def open(self) -> bool:
        return self.kind in (TERM, WEEKDAY)


@dataclass(frozen=True)
class Calendar:
    """The bank holidays of England and the school years of the authorities."""

    bank_holidays: frozenset[date]
    years: Mapping[str, Sequence[SchoolYear]]

    def school_day(self, authority: str, day: date) -> SchoolDay:
        if day.weekday() >= 5:
            return SchoolDay(day, WEEKEND)
        if day in self.bank_holidays:
            return SchoolDay(day, BANK_HOLIDAY)
        spans = [span for year in self.years.get(authority, ()) for span in year.spans]
        if any(span.first <= day and (span.last is not None and day <= span.last) for span in spans):
            return SchoolDay(day, TERM)
        begun = [span for span in spans if span.first <= day]
        to_come = [span for span in spans if span.first > day]
        # Between two spans that are known it is a holiday; before the first and after the last nothing is known.
        known = begun and to_come and max(begun, key=lambda span: span.first).last is not None
        return SchoolDay(day, HOLIDAY if known else WEEKDAY)

    def known_until(self, authority: str) -> date | None:
        """The last day that is known by the authority's term dates; None: it has none here."""
        spans = [span for year in self.years.get(authority, ()) for span in year.spans]
        if not spans:
            return None
        last = max(spans, key=lambda span: span.first)
        return last.last or last.first - A_DAY

    def next_school_day(self, authority: str, day: date) -> date:
        """This day, if it is one; else the next."""
        for ahead in range(LONGEST_CLOSURE):
            if self.school_day(authority, day + ahead * A_DAY).open:
                return day + ahead * A_DAY
        raise NoSchoolDay(authority, day)

    def school_hours(self, authority: str, moment: datetime) -> datetime:
        """When something that is ready at this moment may be sent: then, or at 8 of the next school day."""
        local = moment.astimezone(LONDON)
        day = self.next_school_day(authority, local.date())
        opens = datetime.combine(day, SCHOOLS_OPEN, LONDON).astimezone(UTC)
        return max(moment.astimezone(UTC), opens)

    def working_days(self, since: date, until: date) -> int:
        """Mondays to Fridays less bank holidays, from the day after `since` to `until`."""
        days = (since + number * A_DAY for number in range(1, (until - since).days + 1))
        return sum(1 for day in days if day.weekday() < 5 and day not in self.bank_holidays)

    def terms(self, authority: str, year: str) -> tuple[Span, ...]:
        return next((each.terms for each in self.years.get(authority, ()) if each.name == year), ())


def term_dates_in_words(authority: str, known_until: date | None, today: date) -> tuple[str, str]:
    """Until when an authority's term dates are known, and what has to be done about it; nothing while there is time."""
    cure = (
        f"Enter the next dates of {authority} in shared/calendars/term_dates.json: after them every weekday that is no bank "
        "holiday counts as a school day, in the holidays too."
    )
    if known_until is None:
        return f"term dates of {authority} are not known: weekdays less bank holidays count", cure
    said = f"term dates of {authority} are known until {known_until:%-d %B %Y}"
    return said, cure if known_until < today + ENDS_SOON else ""


def read(bank_holidays: Mapping[str, object], term_dates: Mapping[str, object]) -> Calendar:
    """A calendar from the two files' content."""
    years: dict[str, list[SchoolYear]] = {}
    for council in term_dates.values():
        if not isinstance(council, dict) or "la_code" not in council:
            continue
        found = years.setdefault(council["la_code"], [])
        for name, dates in council.items():
            if isinstance(dates, dict) and ("terms" in dates or "half_terms" in dates):
                halved = "half_terms" in dates
                spans = tuple(_span(each) for each in dates["half_terms" if halved else "terms"])
                found.append(SchoolYear(name, spans, halved))
        found.sort(key=lambda year: year.spans[0].first)
    return Calendar(frozenset(date.fromisoformat(day) for day in bank_holidays), years)


def _span(dates: Sequence[str | None]) -> Span:
    first, last = dates
    assert first is not None
    return Span(date.fromisoformat(first), date.fromisoformat(last) if last else None)


@cache
def calendar() -> Calendar:
    """The calendar that this version knows."""
    holidays = json.loads((DATA / "bank_holidays.json").read_text(encoding="utf-8"))
    terms = json.loads((DATA / "term_dates.json").read_text(encoding="utf-8"))
    return read(holidays["days"], terms)
