"""Withdrawing an outcome that should never have been recorded."""

from dataclasses import replace

from services.membership.domain.category import Outcome
from services.membership.store import outcomes as kept
from services.membership.store import representation
from services.membership.use_cases.publish_outcomes import News, Published, publish
from services.membership.use_cases.record_outcomes import OutcomeRecorded, hold_all
from shared.refusal import Invalid, NotFound, Refusal
from shared.store import UnitOfWork


class UnknownInspection(NotFound):
    def __init__(self, inspection_number: str, kind: str):
        super().__init__(f"No {kind} outcome of an inspection {inspection_number} is recorded")


class AlreadyWithdrawn(Refusal):
    def __init__(self, inspection_number: str):
        super().__init__(f"The outcome of inspection {inspection_number} has been withdrawn already")


class WhyWithdrawn(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the outcome is withdrawn: schools were answered by it")


async def inspected_school(uow: UnitOfWork, inspection_number: str, kind: str) -> str:
    """The URN of the school of that inspection. Raises UnknownInspection."""
    return (await _inspection(uow, inspection_number, kind)).urn


async def withdraw_outcome(
    uow: UnitOfWork, inspection_number: str, kind: str, *, reason: str, withdrawn_by: str
) -> OutcomeRecorded:
    """An outcome that should never have been recorded counts no more; what was told of it stays told (R0.4).

    A source of a later day that lists it again is believed again.
    """
    if not reason.strip():
        raise WhyWithdrawn
    listed = await _inspection(uow, inspection_number, kind)
    known = (await hold_all(uow, [Published(listed.urn, listed)]))[listed.identity]
    if known.withdrawn:
        raise AlreadyWithdrawn(inspection_number)
    taken_back = replace(known, withdrawn=True, source_as_at=max(uow.today, known.source_as_at))
    news = News(Published(known.urn, taken_back), known, uow.cause)
    await kept.add_outcomes(uow, [(taken_back, None)], withdrawn_by, reason=reason)
    await publish(uow, [news], await representation.heirs_of(uow, [known.urn]))
    return OutcomeRecorded(known.urn, inspection_number, kind, uow.cause.correlation_id, True, True)


async def _inspection(uow: UnitOfWork, inspection_number: str, kind: str) -> Outcome:
    known = (await kept.inspections(uow, [inspection_number])).get((inspection_number, kind))
    if known is None:
        raise UnknownInspection(inspection_number, kind)
    return known
