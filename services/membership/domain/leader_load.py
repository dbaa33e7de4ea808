"""How many schools a system leader has, and what stands against one more (W-18).

An authority may state how many schools a leader has at most; above it, or where she is the trust's own, an allocation
needs a reason. That she heads the school is no matter of reasons: `appointment.allocate` refuses it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.dated import Dated
from services.membership.domain.trust import InTrust
from shared.refusal import Refusal


class TooManySchools(Refusal):
    def __init__(self, schools: int, limit: int):
        super().__init__(
            f"With this allocation the system leader has {schools} schools at once, and the authority's limit is {limit}: "
            "allocate somebody else, or give a reason"
        )


class IsTheTrustsOwn(Refusal):
    def __init__(self, conflict: str):
        super().__init__(f"{conflict}: allocate somebody from outside the trust, or give a reason")


@dataclass(frozen=True)
class Against:
    """What stands against an allocation."""

    over_the_limit: bool
    conflict: str | None

    def __bool__(self) -> bool:
        return self.over_the_limit or self.conflict is not None


@dataclass(frozen=True)
class HeadedSchool:
    """A school that the leader heads, with the trusts that it belongs, belonged or will belong to."""

    headship: Headship
    trusts: Sequence[InTrust]


def most_at_once(held: Iterable[Allocation], new: Allocation) -> int:
    """How many schools the leader has on the fullest day of the new allocation, this one included."""
    others = {each.allocation_id: each for each in held if each.allocation_id != new.allocation_id}.values()
    days = {new.from_date, *(each.from_date for each in others if new.holds_on(each.from_date))}
    return 1 + max(len({each.urn for each in others if each.holds_on(day)} - {new.urn}) for day in days)


def conflict(
    allocation: Allocation,
    trusts: Sequence[InTrust],
    headed: Iterable[HeadedSchool],
    contacts: Iterable[TrustContact],
) -> str | None:
    """How the leader belongs on a day of the allocation to the trust that the school is in that day; None where she doesn't.

    ``trusts``: those of the school, with their days.
    """
    for contact in contacts:
        if any(own.trust_id == contact.trust_id and _meet(allocation, own, contact) for own in trusts):
            return f"This system leader is the {contact.post.replace('-', ' ')} of the school's own trust"
    for each in headed:
        both = [(own, hers) for own in trusts for hers in each.trusts if own.trust_id == hers.trust_id]
        if any(_meet(allocation, own, hers, each.headship) for own, hers in both):
            return f"This system leader heads {each.headship.urn}, a school of the same trust"
    return None


def against(
    new: Allocation,
    held: Sequence[Allocation],
    limit: int | None,
    in_conflict: str | None,
    reason: str | None,
) -> Against:
    """What stands against the new allocation. Refused where something does and no reason is given.

    ``limit`` None: the authority states none (R0.7).
    """
    schools = most_at_once(held, new)
    found = Against(limit is not None and schools > limit, in_conflict)
    if reason is None or not reason.strip():
        if found.conflict is not None:
            raise IsTheTrustsOwn(found.conflict)
        if limit is not None and found.over_the_limit:
            raise TooManySchools(schools, limit)
    return found


def _meet(*spans: Dated) -> bool:
    """Whether there is a day on which all of them hold."""
    return max(each.from_date for each in spans) < min(each.until or date.max for each in spans)
