"""A place ends with its school, whichever body leads that from when; a school that opens again is in its bodies again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.membership.domain.body import Membership, whole
from services.membership.domain.closing import whole_places
from services.membership.domain.school import School
from services.membership.store.continuity import Followed
from services.membership.use_cases.around import END_OF_PLACE, Around, noted
from services.membership.use_cases.follow_leads import lead_from
from services.membership.use_cases.open_again import cut, earlier, plan_places


def end_places(around: Around, school: School, closing: date | None) -> None:
    """``closing``: the first day on which the school is no longer open, if there is one."""
    otherwise = plan_places(around, school, closing)  # from which another body may lead it
    notes = {note.subject: note for note in around.of(school.urn, END_OF_PLACE)}
    for parts in whole_places(around.of_school(school.urn)):
        place = whole(parts)
        note = notes.get(str(place.body_id))
        if note is not None and place.until == note.on and _stays_closed(around, school, note, closing):
            continue
        if closing is not None:
            runs_on = place.until is None or place.until > closing
            was_moved = note is not None and place.until == note.on != closing
            if note is not None and was_moved and note.on <= around.today < closing:
                if _comes_back(around, place, note):  # it is open again, until that day
                    _again(around, parts[-1], closing, note.ended_before)
                    otherwise.append(around.today)
                    _move(around, school, note, closing)
                else:
                    around.forget(note)  # the place is over; whoever answers for the school is looked for without it
            elif note is not None and was_moved and place.from_date < closing:
                until = _runs_on(around, parts, earlier(closing, note.ended_before))
                _move(around, school, note, closing)
                otherwise.append(note.on if until is None else min(until, note.on))
            elif place.from_date < closing and runs_on:
                _ends(around, parts, closing)
                ended = noted(school.urn, END_OF_PLACE, str(place.body_id), closing, closes(school, closing))
                around.keep(replace(ended, ended_before=around.entered_end(place)))
                otherwise.append(closing)
        elif note is not None and place.until == note.on:
            around.forget(note)
            if note.on > around.today:
                _runs_on(around, parts, note.ended_before)
                otherwise.append(note.on)
            elif _comes_back(around, place, note):
                _again(around, parts[-1], None, note.ended_before)
                otherwise.append(around.today)
    if otherwise:
        lead_from(around, school.urn, min(otherwise))


def _stays_closed(around: Around, school: School, note: Followed, closing: date | None) -> bool:
    """Whether it is to open again only on a day to come, or on one that nobody has said yet: what is to be then is noted."""
    closed_before = note.on <= around.today and (closing is None or closing > around.today)
    return closed_before and not school.open_on(around.today)


def _ends(around: Around, parts: Sequence[Membership], until: date | None) -> None:
    """The place ends on that day; that another body begins or ceases to lead the school from a later one is not to be."""
    there = [each for each in parts if until is None or each.from_date < until]
    later = parts[len(there) :]
    around.not_to_be(later)
    if later or there[-1].until != until:  # what is left may end on that very day already, and now the place does
        around.rewritten(there[-1], until)


def _runs_on(around: Around, parts: Sequence[Membership], wanted: date | None) -> date | None:
    """The place ends on that day, or with its body if that closes before. On which day it does."""
    place = whole(parts)
    _ends(around, parts, until := cut(around, place, place.from_date, wanted))
    return until


def _move(around: Around, school: School, note: Followed, closing: date) -> None:
    """The place ends with its school on another day; or before that, as it was to."""
    if earlier(closing, note.ended_before) == closing:
        around.keep(replace(note, on=closing, why=closes(school, closing)))
    else:
        around.forget(note)


def closes(school: School, on: date) -> str:
    return f"{school.name} ({school.urn}) closes on {on:%-d %B %Y}"


def _again(around: Around, place: Membership, closing: date | None, ended_before: date | None) -> None:
    """From today, until it was to end, or its school closes again, or its body does."""
    until = cut(around, place, around.today, earlier(closing, ended_before))
    around.to_be(replace(place, from_date=around.today, until=until))


def _comes_back(around: Around, place: Membership, note: Followed) -> bool:
    """Whether the place goes on from today: neither it nor its body was to end while the school was closed."""
    is_over = note.ended_before is not None and note.ended_before <= around.today
    return not is_over and not around.bodies[place.body_id].is_closed_on(around.today)
