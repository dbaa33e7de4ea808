"""A body closes on a day: its schools leave it, its terms of office end, and of schools left in no body the desk is asked.

Its places and terms end with it, so that whoever reads of them hears it as of any school that leaves and any term that
ends (W-02). Which body takes its schools on is for an officer to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain import body as closing
from services.membership.domain import office
from services.membership.domain.body import Body
from services.membership.domain.office import Term
from services.membership.store import bodies
from services.membership.store.asks import Ask, ask
from services.membership.use_cases import places
from services.membership.use_cases.hold import hold
from services.membership.use_cases.offices import keep_for_later, tell_terms
from shared.contracts.envelope import body_key
from shared.messaging.cause import new_id
from shared.store import UnitOfWork

ASK_NO_BODY = "school-in-no-body"


@dataclass(frozen=True)
class BodyClosed:
    """What ended with the body. ``changed`` False: it was so already."""

    body_id: UUID
    closed_on: date
    schools: list[str]
    terms: list[UUID]
    in_no_body: list[str]
    changed: bool


async def close_body(uow: UnitOfWork, body_id: UUID, *, closed_on: date, reason: str) -> BodyClosed:
    """From that day the body has neither schools nor officers. One that was recorded as closed is closed like this too."""
    body = await _hold(uow, body_id)
    terms = [each for each in await bodies.terms(uow, [body_id]) if each.until is None or each.until > closed_on]
    closing.close(body, closed_on, reason=reason, begin_later=[each.from_date for each in terms], today=uow.today)
    held = [each for each in await bodies.members(uow, [body_id]) if each.until is None or each.until > closed_on]
    changed = bool(held or terms or body.closed_on is None)
    if body.closed_on is None:
        await bodies.close(uow, body_id, closed_on)
        recorded = outbound.body_recorded((await bodies.bodies(uow, [body_id]))[body_id])
        uow.record(recorded, key=body_key(body.authority, body_id))
    urns = sorted({each.urn for each in held})
    for urn in urns:  # a body's schools are few, and each has its own lead body to find
        await places.leave(uow, body_id, urn, left_on=closed_on)
    await _end_terms(uow, body, terms, closed_on, reason.strip())
    alone = await _in_no_body(uow, urns, closed_on)
    await ask(uow, [Ask(new_id(), ASK_NO_BODY, urn, closed_on, closing.why_asked(body, closed_on)) for urn in alone])
    return BodyClosed(body_id, closed_on, urns, [each.term_id for each in terms], alone, changed)


async def _hold(uow: UnitOfWork, body_id: UUID) -> Body:
    """Lock the body with the other bodies of its schools, then its schools."""
    urns = {each.urn for each in await bodies.members(uow, [body_id])}
    beside = {each.body_id for each in await bodies.members_of_schools(uow, urns)}
    locked = await bodies.lock(uow, {body_id, *beside})
    await hold(uow, urns)
    return locked[body_id]


async def _end_terms(uow: UnitOfWork, body: Body, terms: Sequence[Term], closed_on: date, reason: str) -> None:
    ended = [office.end(each, closed_on) for each in terms]
    reasons = {each.term_id: f"{body.name} closed: {reason}" for each in ended}
    for each in ended:
        await bodies.end_term(uow, each, reasons[each.term_id])
    await keep_for_later(uow, ended)
    if closed_on <= uow.today:
        await tell_terms(uow, body, [], ended, uow.cause, reasons)


async def _in_no_body(uow: UnitOfWork, urns: Sequence[str], on: date) -> list[str]:
    elsewhere = {each.urn for each in await bodies.members_of_schools(uow, urns) if each.holds_on(on)}
    return [urn for urn in urns if urn not in elsewhere]
