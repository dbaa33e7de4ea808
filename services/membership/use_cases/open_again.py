"""A school that is to open again on a day to come is in its bodies again from that day: written with it, and moved with it.

The note of the place that ended with the school says for which days it was written to go on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.membership.domain.body import Membership, whole
from services.membership.domain.closing import PLACE, EndedWith, whole_places
from services.membership.domain.school import School
from services.membership.store.continuity import Followed
from services.membership.use_cases.around import END_OF_PLACE, Around


def plan_places(around: Around, school: School, closing: date | None) -> list[date]:
    """From which days the school is in other bodies than was planned. ``closing``: from which it is no longer open."""
    otherwise = []
    for note in around.of(school.urn, END_OF_PLACE):
        planned = _planned(around, note)
        if note.ref and (not planned or planned[0].from_date <= around.today):
            _is_like_any_other(around, note, planned)
            continue
        right = _from_its_opening(around, school, closing, note, planned)
        days = _days(around, right) if right is not None else ""
        if days == note.ref:
            continue
        if planned:
            around.not_to_be(planned)
            otherwise.append(planned[0].from_date)
        if right is not None:
            around.to_be(replace(right, until=cut(around, right, right.from_date, right.until)))
            otherwise.append(right.from_date)
        around.keep(replace(note, ref=days))
    return otherwise


def _planned(around: Around, note: Followed) -> Sequence[Membership]:
    """The place that was written for its opening, in its parts; none where somebody has decided otherwise since."""
    return next((parts for parts in _places(around, note) if _days(around, whole(parts)) == note.ref), ())


def _from_its_opening(
    around: Around, school: School, closing: date | None, note: Followed, planned: Sequence[Membership]
) -> Membership | None:
    """The place as it is to go on: none where it or its body was to end before, or the school belongs to that by then."""
    on = school.opens_again(around.today)
    ended = next((parts[-1] for parts in _places(around, note) if parts[-1].until == note.on), None)
    if on is None or ended is None or note.on > around.today or around.bodies[ended.body_id].is_closed_on(on):
        return None
    until = earlier(closing, note.ended_before)
    there = [each for each in around.of_school(school.urn) if each.body_id == ended.body_id and each not in planned]
    if (until is not None and until <= on) or any(each.until is None or each.until > on for each in there):
        return None
    return replace(ended, from_date=on, until=until)


def _is_like_any_other(around: Around, note: Followed, planned: Sequence[Membership]) -> None:
    """It has begun, or somebody has decided otherwise: it moves with the day of opening no more, but ends with the school."""
    until = whole(planned).until if planned else None
    ends_with_school = until is not None and until == around.entered_end(whole(planned)) != note.ended_before
    if until is not None and ends_with_school:
        around.keep(replace(note, on=until, ref=""))
    else:
        around.forget(note)


def _places(around: Around, note: Followed) -> list[list[Membership]]:
    return whole_places([each for each in around.of_school(note.urn) if str(each.body_id) == note.subject])


def _days(around: Around, place: Membership) -> str:
    return f"{place.from_date}/{around.entered_end(place) or '..'}"


def cut(around: Around, place: Membership, from_date: date, wanted: date | None) -> date | None:
    """The place ends on that day, or with its body if that closes before. On which day it does."""
    until = around.bodies[place.body_id].last_until(from_date, wanted)
    if until != wanted:
        around.cut.append(EndedWith(place.body_id, PLACE, place.urn, from_date, wanted))
    return until


def earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)
