"""Members of meetings follow the office of chair: of the body's own meetings and of its Area Analysis Group (W-25)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.meetings import outbound
from services.meetings.store import agendas, offices
from services.meetings.store.offices import Seat
from shared.contracts.envelope import body_key
from shared.contracts.meetings import MembersChanged
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import step


async def follow_offices(uow: UnitOfWork, terms: Mapping[UUID, Cause]) -> None:
    """Terms of office began or ended. Each seat is taken and left once, whatever comes again."""
    await agendas.lock_areas(uow, await offices.areas_of_terms(uow, list(terms)))
    seats = await offices.seats_of_terms(uow, list(terms))
    await _tell_of(uow, [(seat, terms[seat.term_id]) for seat in seats])


async def seat_sitting_chairs(uow: UnitOfWork, recorded: Mapping[UUID, Cause]) -> None:
    """A group came after chairs of its area had taken office, or a body with a chair came to lie in another area.

    The areas must be locked.
    """
    seats = await offices.seats_of_sitting_chairs(uow, list(recorded))
    await _tell_of(uow, [(seat, recorded.get(seat.body_id) or recorded[seat.chairs]) for seat in seats])


@dataclass(frozen=True)
class Told:
    """A term of office as it had been told before it was corrected."""

    term_id: UUID
    person_id: UUID
    from_date: date
    until: date | None
    authority: str
    because: Cause


async def reseat(uow: UnitOfWork, corrected: Sequence[Told]) -> None:
    """Terms of office were told wrongly. Whoever sat by them and didn't is taken out, and who really sits is seated.

    Nothing is told where the correction leaves a seat as it was told.
    """
    terms = {each.term_id: each for each in corrected}
    noted = await offices.noted_changes(uow, list(terms))
    bodies = sorted({body_id for body_id, _, _ in noted})
    await agendas.lock_areas(uow, await offices.areas_of_bodies(uow, bodies))
    now = {(seat.body_id, seat.term_id): seat for seat in await offices.seats_of_terms(uow, list(terms))}
    wrong = []
    for body_id, term_id, what in noted:
        told, seat = terms[term_id], now.get((body_id, term_id))
        same_seat = seat is not None and (seat.person_id, seat.from_date) == (told.person_id, told.from_date)
        if not same_seat or (what == "left" and seat is not None and seat.ended_on != told.until):
            wrong.append((body_id, term_id, what))
    await offices.forget_member_changes(uow, wrong)
    for body_id, term_id, what in wrong:
        told, seat = terms[term_id], now.get((body_id, term_id))
        if what == "joined" and (body_id, term_id, "left") not in noted:
            with step("members.reseat", cause=told.because) as cause:
                fact = outbound.member_left(body_id, told.person_id, told.from_date)
                uow.record(fact, key=body_key(told.authority, body_id), because=cause)
        stayed = (
            what == "left" and seat is not None and seat.ended_on is None and (body_id, term_id, "joined") not in wrong
        )
        if stayed and seat is not None and told.until is not None:
            with step("members.reseat", cause=told.because) as cause:
                fact = outbound.member_joined(body_id, seat.person_id, told.until)
                uow.record(fact, key=body_key(told.authority, body_id), because=cause)
    await _tell_of(uow, [(seat, terms[seat.term_id].because) for seat in now.values()])


async def _tell_of(uow: UnitOfWork, seats: Sequence[tuple[Seat, Cause]]) -> None:
    changes = {
        (seat.body_id, seat.term_id, what): (seat, because)
        for seat, because in seats
        for what in (["joined"] if seat.ended_on is None else ["joined", "left"])
    }
    new = await offices.note_member_changes(uow, list(changes))
    for change, (seat, because) in changes.items():
        if change in new:
            with step("members.follow", cause=because) as cause:
                uow.record(_told(change[2], seat), key=body_key(seat.authority, seat.body_id), because=cause)


def _told(what: str, seat: Seat) -> MembersChanged:
    if what == "joined" or seat.ended_on is None:
        return outbound.member_joined(seat.body_id, seat.person_id, seat.from_date)
    return outbound.member_left(seat.body_id, seat.person_id, seat.ended_on)
