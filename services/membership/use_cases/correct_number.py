"""The number of an inspection that was entered by hand was mistyped: it counts under the right one, by which Ofsted's file
matches it (R0.1, R0.4).

What was told under the wrong number is taken back, once the same is told under the right one: of who speaks nothing changes.
"""

from dataclasses import replace

from services.membership.domain.category import Outcome
from services.membership.domain.office import NothingToCorrect, must_have_reason
from services.membership.store import outcomes as kept
from services.membership.store.two_numbers import is_in_a_file
from services.membership.use_cases.record_outcomes import OutcomeRecorded, Published, record_outcomes
from services.membership.use_cases.withdraw_outcome import AlreadyWithdrawn, inspection_held, withdraw_outcome
from shared.refusal import Refusal
from shared.store import UnitOfWork


class NumberIsOfAFile(Refusal):
    def __init__(self, inspection_number: str):
        super().__init__(
            f"Ofsted's file lists inspection {inspection_number}, so its number is right. If the inspection is not this "
            "school's, or was entered besides under another number, correct or withdraw that one"
        )


class NumberOfAnother(Refusal):
    def __init__(self, known: Outcome):
        super().__init__(
            f"Inspection {known.inspection_number} is another one: of {known.urn}, begun on "
            f"{known.inspection_started_on:%-d %B %Y}. Look at the number in the report"
        )


async def correct_number(
    uow: UnitOfWork, inspection_number: str, kind: str, *, right: str, reason: str, corrected_by: str
) -> OutcomeRecorded:
    """Raises UnknownInspection, NumberIsOfAFile, NumberOfAnother, and AlreadyWithdrawn of either number."""
    must_have_reason(reason)
    if right == inspection_number:
        raise NothingToCorrect
    wrong = await inspection_held(uow, inspection_number, kind)
    if wrong.withdrawn:
        raise AlreadyWithdrawn(inspection_number)
    if await is_in_a_file(uow, inspection_number, kind):
        raise NumberIsOfAFile(inspection_number)
    known = (await kept.inspections(uow, [right])).get((right, kind))
    if known is not None and (known.urn, known.inspection_started_on) != (wrong.urn, wrong.inspection_started_on):
        raise NumberOfAnother(known)
    if known is not None and known.withdrawn:
        raise AlreadyWithdrawn(right)
    if known is None:
        link = (await kept.listed(uow, inspection_number, kind)).report_link
        outcome = replace(wrong, inspection_number=right, recorded_at=uow.now)
        await record_outcomes(uow, [Published(wrong.urn, outcome, link)], take_on=False, source=kept.ENTERED)
    why = f"Its number is {right}: {reason.strip()}"
    gone = await withdraw_outcome(uow, inspection_number, kind, reason=why, withdrawn_by=corrected_by)
    return replace(gone, inspection_number=right)
