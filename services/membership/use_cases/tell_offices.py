"""What is told of a term of office that had been entered wrongly: what lay ahead to nobody, what was told is put right."""

from dataclasses import replace

from services.membership import outbound
from services.membership.domain.body import Body
from services.membership.domain.office import Term
from services.membership.store.due import Due, told_otherwise
from services.membership.use_cases.headships import schools_headed
from services.membership.use_cases.offices import BEGINS, ENDS, tell_terms
from shared.contracts.envelope import body_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


async def waits_no_longer(uow: UnitOfWork, present: Term) -> set[str]:
    """What could not be told of the term on its days waits for nobody any longer (docs/decisions/0021)."""
    ends = [Due(ENDS, str(present.term_id), present.until)] if present.until is not None else []
    return await told_otherwise(uow, [Due(BEGINS, str(present.term_id), present.from_date), *ends])


async def tell_office(
    uow: UnitOfWork, body: Body, told: Term, corrected: Term | None, *, begun_untold: bool = False
) -> Cause:
    """What lay ahead was told to nobody, and stays ours alone; what was told is put right."""
    if corrected is not None and corrected.from_date > uow.today:
        corrected = None
    if told.from_date <= uow.today and not (begun_untold and corrected is not None):
        schools = await schools_headed(uow, corrected) if corrected is not None else []
        fact = outbound.office_corrected(told, corrected, schools, uow.today)
        event_id = uow.record(fact, key=body_key(body.authority, body.body_id))
        return replace(uow.cause, causation_id=event_id)
    if corrected is None:
        return uow.cause
    cause = await tell_terms(uow, body, [corrected], [], uow.cause)
    over = corrected.until is not None and corrected.until <= uow.today
    return await tell_terms(uow, body, [], [corrected], cause) if over else cause
