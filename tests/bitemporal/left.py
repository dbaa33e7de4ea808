"""What a school leaves on its last day, and what lasts longer."""

from datetime import date

from tests.bitemporal.facts import Allocation, Entry, Held, KeptUntil, LeadNamed, Member
from tests.bitemporal.model import Known
from tests.bitemporal.reading import TYPES
from tests.bitemporal.register import Succession


def said_last(known: Known, urn: str, on: date) -> LeadNamed | None:
    return next((each for each in reversed(known.all(LeadNamed)) if (each.urn, each.start) == (urn, on)), None)


def ends_of(known: Known, urn: str, body: str) -> set[date | None]:
    return {known.until(each) for each in known.all(Member) if (each.urn, each.body) == (urn, body)}


def entries_left(known: Known, succession: Succession) -> list[Entry]:
    """What was in force on the last day of the one before, and what was to begin; nothing that is over when it would go on."""
    (before,) = succession.before
    end = last_day(known, before, succession.on)
    mine = [each for each in known.all(Entry) if each.urn == before and known.until(each) != each.start]
    mine = [each for each in mine if lasts(known, each, end)]
    begun = sorted((each for each in mine if each.start < end), key=lambda each: each.start)[-1:]
    left = [*begun, *(each for each in mine if each.start >= end)]
    return [each for each in left if lasts(known, each, max(each.start, succession.on))]


def review_of(known: Known, entry: Entry) -> date | None:
    kept = [each.review for each in known.all(KeptUntil) if each.which == entry.id]
    return kept[-1] if kept else entry.review


def last_day(known: Known, urn: str, on: date) -> date:
    """The first day on which a school is no more; it may have closed before the one that continues it opened."""
    school = known.school(urn)
    return min(on, school.closed) if school is not None and school.closed is not None else on


def to_the_end(known: Known, held: Held, last: date, on: date) -> bool:
    """Until its school's last day at least, which may have been entered as its end."""
    until = held.until if isinstance(held, Allocation) else known.until(held)
    return until != held.start and held.start < on and (until is None or until >= last)


def lasts(known: Known, held: Held, on: date) -> bool:
    until = known.until(held)
    return until is None or (until > on and until != held.start)


def is_maintained(known: Known, urn: str) -> bool:
    school = known.school(urn)
    return school is not None and TYPES[school.type] == "maintained"


def is_gone(known: Known, urn: str) -> bool:
    school = known.school(urn)
    return school is not None and (school.status == "closed" or school.closed is not None)
