"""Who is the contact of a body for its member schools, then and now (R0.3a, W-15)."""

from datetime import date
from typing import Any
from uuid import UUID

from services.membership.domain.adopted import in_force
from services.membership.domain.routing_policy import DUTY_DESK_ONLY
from services.membership.store import bodies, queries
from services.membership.store.body_record import body_record
from services.membership.store.facts import routing_policies
from services.membership.use_cases.given import short, with_address
from shared.store import UnitOfWork


async def contact_of(uow: UnitOfWork, body_id: UUID, on: date | None, asked_by: UUID | None) -> dict[str, Any]:
    """The contact on a day: for a past day as it was known then, with today's knowledge beside it (R0.4).

    ``asked_by``: she is not sent to herself.
    """
    day = on or uow.today
    body = await bodies.body(uow, body_id)
    record = await body_record(uow, body)
    known = min(day, uow.today)
    policy = in_force(await routing_policies(uow, body.authority, known), day) or DUTY_DESK_ONLY
    valid_from, valid_until = record.validity(day, today=uow.today, asked_by=asked_by)
    answer = {
        **short(record.given_on(day, today=uow.today, asked_by=asked_by)),
        "body_id": body_id,
        "body_name": body.name,
        "on": day,
        "policy": policy.name,
        "policy_version": policy.version,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    if day > uow.today:
        answer["planned"] = True
    if day < uow.today:
        now = record.contact_on(day, known=uow.today, asked_by=asked_by)
        answer["as_known_today"] = {**short(now), "person": await queries.person(uow, now.person_id)}
    return await with_address(uow, answer, body.authority)
