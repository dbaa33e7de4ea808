"""What becomes of an officer's decisions about a school that another continues: entries of the authority, overrides.

An entry goes over to a maintained school that continues one school, from its opening day, as an allocation does; it was
made for this very school, only the URN is another. At a conversion, a merger or a split it was made of a school that is
no more, and an officer is asked. An override names somebody for a while, for a reason of its own: always asked.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from services.membership.domain.continuity import Succession, is_gone
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.override import Override
from services.membership.domain.school import School, Sector

Of = tuple[School, LaEntry]


def entries_left(succession: Succession, held: Iterable[LaEntry]) -> list[Of]:
    """What the authority had entered of the predecessors: what was in force on the last day, and what was to begin."""
    entries = sorted(held, key=lambda each: (each.from_date, each.recorded_at, each.entry_id))
    left: list[Of] = []
    for school in _ending(succession):
        end = _end(school, succession.on)
        mine = [each for each in entries if each.urn == school.urn and not each.withdrawn]
        stay = [each for each in mine if each.lifted_on is None or each.lifted_on > end]
        in_force = [each for each in stay if each.from_date < end][-1:]
        left += [(school, each) for each in (*in_force, *(each for each in stay if each.from_date >= end))]
    return [(school, each) for school, each in left if _goes_on(each, succession)]


def _goes_on(entry: LaEntry, succession: Succession) -> bool:
    """Whether it is not over by the day on which it would begin for the school that continues."""
    return entry.lifted_on is None or entry.lifted_on > max(entry.from_date, succession.on)


def overrides_left(succession: Succession, held: Iterable[Override]) -> list[tuple[School, Override]]:
    """The overrides of the predecessors that were to last longer than they."""
    return [
        (school, each)
        for school in _ending(succession)
        for each in held
        if each.urn == school.urn and each.until > _end(school, succession.on)
    ]


def goes_over(succession: Succession) -> bool:
    return succession.carries_on and succession.school.sector is Sector.MAINTAINED


def from_its_opening(entry: LaEntry, succession: Succession) -> LaEntry:
    """The same for the school that continues, under its own URN. A review date that has passed comes at once."""
    begins = max(entry.from_date, succession.on)
    return replace(
        entry,
        urn=succession.school.urn,
        from_date=begins,
        review_on=max(entry.review_on, begins),
    )


def lifted_as_before(carried: LaEntry, of: LaEntry, today: date) -> LaEntry:
    """What had gone over and has begun, by what is known by now of the entry it came from.

    Where that was lifted before this one began, or should never have been made, there was nothing to go over: it never stood.
    The day of a lifting that went over with it follows. What else is said of the school before decides nothing about this one.
    """
    if carried.withdrawn:
        return carried
    if of.lifted_on is not None and of.lifted_on <= carried.from_date:
        return replace(carried, lifted_on=carried.from_date)
    came = carried.lifted_on is not None and carried.lifted_on <= today
    comes_again = of.lifted_on is None or of.lifted_on > today
    return carried if carried.lifted_on is None or (came and comes_again) else replace(carried, lifted_on=of.lifted_on)


def why_asked_of_entries(succession: Succession, left: Iterable[Of]) -> str:
    said = " and ".join(
        f"{each.category} for {school.name} ({school.urn}) from {each.from_date:%-d %B %Y}" for school, each in left
    )
    return f"{succession.words()}: the authority's own category, {said}, doesn't go over to it. If it is to, enter it for it"


def why_asked_of_overrides(succession: Succession, left: Iterable[tuple[School, Override]]) -> str:
    said = " and ".join(
        f"for {school.name} ({school.urn}) until {each.until:%-d %B %Y} ({each.reason})" for school, each in left
    )
    return (
        f"{succession.words()}: what an officer had decided about who speaks, {said}, doesn't go over to it. "
        "If it is to, set it for it"
    )


def _ending(succession: Succession) -> list[School]:
    """A school of which another is a part, and that goes on itself, keeps what was decided about it."""
    return [each for each in succession.predecessors if succession.carries_on or is_gone(each)]


def _end(school: School, on: date) -> date:
    """The first day on which the school is no more: it may have closed before the other opened."""
    return min(on, school.closed_on or on)
