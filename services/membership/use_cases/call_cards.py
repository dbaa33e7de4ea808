"""What a head, whoever is asked and an officer see of an inspection call: whom to ring now, and who stands in (W-16).

Never how long anybody took to answer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.membership.domain import inspection_call as calls
from services.membership.domain.doubtful_clock import CONFIRM, LONGEST_JUMP
from services.membership.domain.inspection_call import Asked, Call
from services.membership.domain.representation import Speaker
from services.membership.store import queries
from services.membership.store.due import doubted_from
from services.membership.store.people import Person, people
from services.membership.store.schools import schools
from services.membership.use_cases.inspection_calls import line_of
from shared.store import UnitOfWork


async def card(uow: UnitOfWork, call: Call, *, for_officer: bool) -> dict[str, Any]:
    """One call with the stand-in by today's line."""
    line = await line_of(uow, call)
    stand_in = calls.after(line.speakers, call) if call.closed_on is None else None
    found = (await _cards(uow, [call], also=[stand_in.person_id] if stand_in and stand_in.person_id else []))[0]
    found["stand_in"] = await _reached(uow, call.authority, stand_in) if stand_in else None
    if for_officer:
        found["note"] = _HELD_BACK if line.held_back and call.closed_on is None else None
    return found


_WAITS = (
    f"The clock waits for somebody to look at it and confirm it ({CONFIRM}). Until then nobody else is asked by time alone: "
    "whoever is asked, or an officer for her, says that she cannot, and the next in line is asked at once."
)
_HELD_BACK = (
    "Something about this school is held back until the school is told, so the line goes by what the school knows. Tell "
    "the school first if somebody else is to come."
)


async def cards(uow: UnitOfWork, listed: Sequence[Call]) -> list[dict[str, Any]]:
    """Many calls, without their stand-ins."""
    return await _cards(uow, listed)


async def _cards(uow: UnitOfWork, listed: Sequence[Call], also: Iterable[UUID] = ()) -> list[dict[str, Any]]:
    ids = {each.person_id for call in listed for each in call.asked if each.person_id} | set(also)
    known = {each.person_id: each for each in await people(uow, ids)}
    names = await schools(uow, [call.urn for call in listed])
    desks = await _desks(uow, {call.authority for call in listed})
    since = await doubted_from(uow, LONGEST_JUMP)
    return [
        {
            "call_id": call.call_id,
            "urn": call.urn,
            "school_name": names[call.urn].name if call.urn in names else None,
            "authority": call.authority,
            "matter": "inspection",
            "called_on": call.called_on,
            "state": call.state,
            "speaker": _whom_to_ring(call.present, known, desks.get((call.authority, call.present.role.value))),
            "answer_by": None if calls.waits_for_the_clock(call, since) else _still_to_come(call),
            "waits": _WAITS if calls.waits_for_the_clock(call, since) else None,
            "asked": [_line(each, known) for each in call.asked],
            "closed_on": call.closed_on,
            "closed_because": call.closed_because,
        }
        for call in listed
    ]


def _still_to_come(call: Call) -> datetime | None:
    return call.waiting.answer_by if call.waiting is not None and call.accepted is None else None


def _line(asked: Asked, known: dict[UUID, Person]) -> dict[str, Any]:
    person = known.get(asked.person_id) if asked.person_id and not asked.is_desk else None
    return {
        "place": asked.place,
        "role": asked.role.value,
        "person_id": asked.person_id if not asked.is_desk else None,
        "name": person.name if person else None,
        "answer": asked.answer.value,
        "answered_by": asked.answered_by,
    }


def _whom_to_ring(asked: Asked, known: dict[UUID, Person], desk: dict[str, Any] | None) -> dict[str, Any]:
    person = known.get(asked.person_id) if asked.person_id and not asked.is_desk else None
    return {
        "role": asked.role.value,
        "rule": asked.rule,
        "trust_id": asked.trust_id,
        "person": {
            "person_id": person.person_id,
            "name": person.name,
            "telephone": person.telephone,
            "email": person.email,
        }
        if person
        else None,
        "desk": desk if asked.is_desk else None,
    }


async def _reached(uow: UnitOfWork, authority: str, speaker: Speaker) -> dict[str, Any]:
    desk = await queries.desk(uow, authority, speaker.role.value) if speaker.role.is_desk else None
    return {
        "role": speaker.role.value,
        "rule": speaker.rule,
        "trust_id": speaker.trust_id,
        "person": await queries.person(uow, speaker.person_id),
        "desk": desk,
    }


async def _desks(uow: UnitOfWork, authorities: Iterable[str]) -> dict[tuple[str, str], dict[str, Any]]:
    rows = await uow.rows(
        "select d.authority, d.desk, d.mailbox, d.telephone, p.name as officer_of_the_day "
        "from desk d left join person p on p.person_id = d.officer_of_the_day where d.authority = any($1::text[])",
        sorted(authorities),
    )
    return {
        (row.authority, row.desk): {
            "desk": row.desk,
            "mailbox": row.mailbox,
            "telephone": row.telephone,
            "officer_of_the_day": row.officer_of_the_day,
        }
        for row in rows
    }
