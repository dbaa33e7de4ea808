"""A school's place in a body that was entered wrongly: in another body, or on other days (R0.4)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.body import Membership
from services.membership.domain.continuity import AlreadyAMember, LeavesBeforeItJoins
from services.membership.domain.office import NothingToCorrect


@dataclass(frozen=True)
class PlaceCorrection:
    """What was really so of a school's place in a body. None: as it was entered; ``no_end``: it has none."""

    body_id: UUID | None = None
    from_date: date | None = None
    until: date | None = None
    no_end: bool = False


def correct_place(
    others: Iterable[Membership], wrong: Membership, correction: PlaceCorrection, *, name_of: Callable[[UUID], str]
) -> Membership:
    """The place as it really was or is. Which body leads is decided afresh."""
    right = replace(
        wrong,
        body_id=correction.body_id or wrong.body_id,
        from_date=correction.from_date or wrong.from_date,
        until=None if correction.no_end else correction.until or wrong.until,
        lead=False,
    )
    if replace(right, lead=wrong.lead) == wrong:
        raise NothingToCorrect
    if right.until is not None and right.until <= right.from_date:
        raise LeavesBeforeItJoins(right.from_date, right.until)
    for each in others:
        meets = (right.until is None or each.from_date < right.until) and (
            each.until is None or right.from_date < each.until
        )
        if each.body_id == right.body_id and meets:
            raise AlreadyAMember(right.urn, name_of(right.body_id), each.from_date)
    return right
