"""Members of meetings follow the office of chair: of the body's own meetings and of its Area Analysis Group (W-25)."""

from collections.abc import Mapping, Sequence
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


async def _tell_of(uow: UnitOfWork, seats: Sequence[tuple[Seat, Cause]]) -> None:
    changes = {
        (seat.body_id, seat.term_id, what): (seat, because)
        for seat, because in seats
        for what in (["joined"] if seat.ended_on is None else ["joined", "left"])
    }
    new = await offices.note_member_changes(uow, list(changes))
    for change, (seat, because) in changes.items():
        if change in new:
            with step("members.follow", cause=because, body_id=seat.body_id) as cause:
                uow.record(_told(change[2], seat), key=body_key(seat.authority, seat.body_id), because=cause)


def _told(what: str, seat: Seat) -> MembersChanged:
    if what == "joined" or seat.ended_on is None:
        return outbound.member_joined(seat.body_id, seat.person_id, seat.from_date)
    return outbound.member_left(seat.body_id, seat.person_id, seat.ended_on)
