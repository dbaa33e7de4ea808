"""Withdrawing an outcome that should never have been recorded, and what an officer says when a file lists it again.

The withdrawal stands against files: Ofsted's monthly file goes on listing what it lists. One of a later day is asked about
at the duty desk, and nothing changes until an officer answers.
"""

from dataclasses import dataclass, replace

from services.membership.domain.category import Outcome
from services.membership.store import outcomes as kept
from services.membership.store import representation
from services.membership.use_cases.publish_outcomes import News, Published, publish
from services.membership.use_cases.record_outcomes import OutcomeRecorded, hold_all
from shared.refusal import Invalid, NotFound, Refusal
from shared.store import UnitOfWork


class UnknownInspection(NotFound):
    def __init__(self, inspection_number: str, kind: str):
        super().__init__(
            f"No {kind} outcome of an inspection {inspection_number} is recorded: see `consortia explain` of the school"
        )


class AlreadyWithdrawn(Refusal):
    def __init__(self, inspection_number: str):
        super().__init__(f"The outcome of inspection {inspection_number} has been withdrawn already")


class NotWithdrawn(Refusal):
    def __init__(self, inspection_number: str):
        super().__init__(f"The outcome of inspection {inspection_number} is not withdrawn: it counts already")


class WhyWithdrawn(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the outcome is withdrawn: schools were answered by it")


class WhyBelieved(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the file is believed: an officer had withdrawn the outcome")


async def inspected_school(uow: UnitOfWork, inspection_number: str, kind: str) -> str:
    """The URN of the school of that inspection. Raises UnknownInspection."""
    return (await _inspection(uow, inspection_number, kind)).urn


async def withdraw_outcome(
    uow: UnitOfWork, inspection_number: str, kind: str, *, reason: str, withdrawn_by: str
) -> OutcomeRecorded:
    """An outcome that should never have been recorded counts no more; what was told of it stays told (R0.4)."""
    if not reason.strip():
        raise WhyWithdrawn
    known = await inspection_held(uow, inspection_number, kind)
    if known.withdrawn:
        raise AlreadyWithdrawn(inspection_number)
    await kept.add_decisions(uow, [known.identity], withdrawn=True, reason=reason, by=withdrawn_by)
    return await _tell(uow, News(Published(known.urn, replace(known, withdrawn=True)), known, uow.cause))


async def believe_outcome(
    uow: UnitOfWork, inspection_number: str, kind: str, *, reason: str, believed_by: str
) -> OutcomeRecorded:
    """The file was right: what it lists counts, and is published with all that follows."""
    if not reason.strip():
        raise WhyBelieved
    known = await inspection_held(uow, inspection_number, kind)
    if not known.withdrawn:
        raise NotWithdrawn(inspection_number)
    await kept.add_decisions(uow, [known.identity], withdrawn=False, reason=reason, by=believed_by)
    link = (await kept.listed(uow, inspection_number, kind)).report_link
    return await _tell(uow, News(Published(known.urn, replace(known, withdrawn=False), link), known, uow.cause))


@dataclass(frozen=True)
class WithdrawalStands:
    urn: str
    inspection_number: str
    kind: str


async def let_withdrawal_stand(
    uow: UnitOfWork, inspection_number: str, kind: str, *, decided_by: str
) -> WithdrawalStands:
    """The file is wrong. Nobody is asked again until a file says something else of the inspection."""
    known = await inspection_held(uow, inspection_number, kind)
    if not known.withdrawn:
        raise NotWithdrawn(inspection_number)
    seen = (await kept.listed(uow, inspection_number, kind)).version
    await kept.add_decisions(
        uow, [known.identity], withdrawn=True, reason="It stands", by=decided_by, seen_version=seen
    )
    return WithdrawalStands(known.urn, inspection_number, kind)


async def _tell(uow: UnitOfWork, news: News) -> OutcomeRecorded:
    outcome = news.outcome
    await publish(uow, [news], await representation.heirs_of(uow, [outcome.urn]))
    return OutcomeRecorded(
        outcome.urn, outcome.inspection_number, outcome.kind, uow.cause.correlation_id, new=True, corrects=True
    )


async def inspection_held(uow: UnitOfWork, inspection_number: str, kind: str) -> Outcome:
    """The inspection as it is once everybody before us is done with its schools."""
    listed = await _inspection(uow, inspection_number, kind)
    return (await hold_all(uow, [Published(listed.urn, listed)]))[listed.identity]


async def _inspection(uow: UnitOfWork, inspection_number: str, kind: str) -> Outcome:
    known = (await kept.inspections(uow, [inspection_number])).get((inspection_number, kind))
    if known is None:
        raise UnknownInspection(inspection_number, kind)
    return known
