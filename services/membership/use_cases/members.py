"""Schools join and leave bodies."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.body import Body, Membership
from services.membership.store.due import Due, put_off
from shared.contracts.envelope import body_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork

JOINS, LEAVES = "school-joins", "school-leaves"


async def tell_members(uow: UnitOfWork, of: Mapping[UUID, Body], new: Sequence[Membership]) -> None:
    """Publish who joined and left by today; what lies ahead is told on its day."""
    later = []
    for each in sorted(new, key=lambda each: (each.from_date, str(each.body_id), each.urn)):
        cause = Cause.story()
        subject = f"{each.body_id}/{each.urn}"
        if each.from_date <= uow.today:
            tell_joined(uow, of[each.body_id], each, cause)
        else:
            later.append(Due(JOINS, subject, each.from_date))
        if each.until is not None and each.until <= uow.today:
            tell_left(uow, of[each.body_id], each, each.until, cause)
        elif each.until is not None:
            later.append(Due(LEAVES, subject, each.until))
    await put_off(uow, later)


def tell_joined(uow: UnitOfWork, body: Body, membership: Membership, cause: Cause) -> None:
    uow.record(outbound.school_joined_body(membership), key=body_key(body.authority, body.body_id), because=cause)


def tell_left(uow: UnitOfWork, body: Body, membership: Membership, left_on: date, cause: Cause) -> None:
    uow.record(
        outbound.school_left_body(membership, left_on), key=body_key(body.authority, body.body_id), because=cause
    )
