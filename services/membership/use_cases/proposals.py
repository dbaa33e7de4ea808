"""An officer confirms or declines what a published outcome proposes, and takes her answer back (R0.1, R0.4)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain import proposal as proposals
from services.membership.domain.known import CONFIRMATION_BEGINS
from services.membership.domain.proposal import Proposal
from services.membership.store import proposals as kept
from services.membership.store.due import Due, put_off
from services.membership.store.representation import heirs as heirs_of
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.restricted import look_at_heirs, tell_confirmation, tell_taken_back
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Answered:
    proposal_id: UUID
    urn: str
    ended: str
    proposed_category: int | None
    from_date: date | None
    category_in_force: int | None


async def confirm_proposal(
    uow: UnitOfWork, proposal_id: UUID, *, from_date: date | None, confirmed_by: str
) -> Answered:
    """The proposed category is in force from today or a later day. Raises NoLongerOpen where something came first."""
    present, heirs = await _held(uow, proposal_id)
    confirmed = proposals.confirm(present, from_date or uow.today, today=uow.today, at=uow.now)
    await kept.end_proposals(uow, [confirmed], reason="", by=confirmed_by)
    assert confirmed.from_date is not None
    if confirmed.from_date > uow.today:
        await put_off(uow, [Due(CONFIRMATION_BEGINS, str(proposal_id), confirmed.from_date)])
    category = await tell_confirmation(uow, confirmed, uow.cause)
    await look_at_heirs(uow, heirs)
    return _answered(confirmed, category)


async def decline_proposal(uow: UnitOfWork, proposal_id: UUID, *, reason: str, declined_by: str) -> Answered:
    """The category stays what it is, also of a school that carries this one on."""
    present, heirs = await _held(uow, proposal_id)
    declined = proposals.decline(present, reason, today=uow.today, at=uow.now)
    await kept.end_proposals(uow, [declined], reason=reason.strip(), by=declined_by)
    await look_at_heirs(uow, heirs)
    category = await uow.value("select category from representation where urn = $1", present.urn)
    return _answered(declined, category)


@dataclass(frozen=True)
class TakenBack:
    """``proposed_again``: under which id what is still to be asked is asked; none where nothing is."""

    proposal_id: UUID
    urn: str
    had: str
    category_in_force: int | None
    proposed_again: UUID | None


async def take_back_answer(uow: UnitOfWork, proposal_id: UUID, *, reason: str, taken_back_by: str) -> TakenBack:
    """An officer had confirmed or declined by mistake: her answer never counted, and what is to be asked is asked anew.

    Who spoke for the school until now stays as it was answered; what it changes of days that have gone is told as a
    correction of history (R0.4). Raises NothingAnswered, TakenBackAlready, WhyTakenBack.
    """
    present, heirs = await _held(uow, proposal_id)
    urn = present.urn
    proposals.take_back(present, reason)
    since = present.from_date or uow.today
    before = await remember(uow, [urn, *heirs], since)
    await kept.take_back(uow, proposal_id, reason=reason.strip(), by=taken_back_by)
    category = await tell_taken_back(uow, present, heirs)
    await correct_past(uow, before, since, {})
    again = (await kept.open_proposals(uow, [urn])).get(urn)
    assert present.ended is not None
    return TakenBack(proposal_id, urn, present.ended.value, category, again.proposal_id if again is not None else None)


async def _held(uow: UnitOfWork, proposal_id: UUID) -> tuple[Proposal, list[str]]:
    """The proposal as it is once everybody before us is done, and the schools that carry its school on, held as well."""
    urn = (await kept.proposal(uow, proposal_id)).urn
    heirs = await heirs_of(uow, [urn])
    await hold(uow, [urn, *heirs])
    return await kept.proposal(uow, proposal_id), heirs


def _answered(ended: Proposal, category: int | None) -> Answered:
    assert ended.ended is not None
    return Answered(ended.proposal_id, ended.urn, ended.ended.value, ended.category, ended.from_date, category)
