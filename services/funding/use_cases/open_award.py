"""Open the award of a body for a year: the entitlement, its entries in the ledger, the fact (W-31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.funding import outbound
from services.funding.domain.award import Award, AwardYear
from services.funding.domain.chair import ChairHistory
from services.funding.domain.ledger import entries_to_reach
from services.funding.store.ledger import Ledger, Posted
from services.funding.store.repositories import Awards, Body, Saved
from shared.contracts.envelope import body_key
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import step


@dataclass(frozen=True)
class Opening:
    """An award that is due: because a chair took up office, or because a new award year has begun."""

    body: Body
    year: AwardYear
    chair: ChairHistory
    opened_on: date
    because: Cause


async def open_awards(uow: UnitOfWork, openings: Sequence[Opening]) -> list[Award]:
    """Open those awards that are not open yet; the ones really opened.

    The bodies are locked by the caller. Refused where nobody is in the chair all year; a body whose terms give no
    award has none.
    """
    due = {
        (opening.body.body_id, opening.year): (opening, Saved(award, opening.opened_on, opening.because))
        for opening in openings
        if opening.body.terms is not None
        for award in [Award.open(new_id(), opening.body.body_id, opening.body.terms, opening.year, opening.chair)]
    }
    if not due:
        return []
    added = await Awards(uow).add([saved for _, saved in due.values()])
    posted: list[Posted] = []
    for saved in added:
        award = saved.award
        opening, _ = due[award.body_id, award.year]
        with step("award.open", cause=opening.because) as cause:
            entries = entries_to_reach(award, {}, award.year.from_date, new_id)
            posted += [Posted(entry, saved.recorded_on, saved.because) for entry in entries]
            key = body_key(opening.body.authority, award.body_id)
            uow.record(outbound.award_opened(award), key=key, because=cause)
    await Ledger(uow).post(posted)
    return [saved.award for saved in added]
