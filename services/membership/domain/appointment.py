"""People in places, with dates: who heads a school, who is allocated to it, who is a trust's contact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.dated import Dated
from services.membership.domain.office import Correction, NothingToCorrect
from shared.refusal import Invalid, NotFound, Refusal

CHIEF_EXECUTIVE = "chief-executive"
SCHOOL_IMPROVEMENT_PARTNER = "school-improvement-partner"


class UnknownPerson(NotFound):
    def __init__(self, person_id: UUID):
        super().__init__(
            f"There is no person {person_id}: `consortia person list` and `body show` show who is known; somebody "
            "new comes with a take-on (`consortia take-on`)"
        )


class UnknownAllocation(NotFound):
    def __init__(self, allocation_id: UUID):
        super().__init__(
            f"There is no allocation {allocation_id}: see `consortia system-leaders`, or `explain` of the school"
        )


class HeadsTheSchool(Refusal):
    def __init__(self, urn: str):
        super().__init__(f"This system leader heads the school {urn}: nobody is allocated to the school that they head")


class AlreadyAllocated(Refusal):
    def __init__(self, urn: str, from_date: date):
        super().__init__(f"A system leader is allocated to {urn} from {from_date:%-d %B %Y}: end that allocation first")


class AllocationEndsTooSoon(Invalid):
    def __init__(self, from_date: date, ended_on: date):
        super().__init__(
            f"An allocation that begins on {from_date:%-d %B %Y} can't end on {ended_on:%-d %B %Y}. If it began on another "
            "day or never was, correct or withdraw it (`consortia correction`)"
        )


class AlreadyHeads(Refusal):
    def __init__(self, urn: str):
        super().__init__(f"This person heads {urn} already on that day")


class LeavesWhich(Invalid):
    def __init__(self, urns: Iterable[str]):
        super().__init__(f"This person heads {' and '.join(urns)}: enter which of them she or he leaves")


class HeadsItNot(Refusal):
    def __init__(self, urn: str, on: date):
        super().__init__(f"This person doesn't head {urn} on {on:%-d %B %Y}, so can't leave it")


@dataclass(frozen=True)
class Headship(Dated):
    person_id: UUID
    urn: str
    from_date: date
    until: date | None


@dataclass(frozen=True)
class Allocation(Dated):
    """A system leader is allocated to a school (W-18). Restricted."""

    allocation_id: UUID
    urn: str
    person_id: UUID
    from_date: date
    until: date | None

    def within(self, other: "Allocation") -> bool:
        """Whether it gives the same leader no day that the other one doesn't."""
        ends_by_then = other.until is None or (self.until is not None and self.until <= other.until)
        return self.person_id == other.person_id and other.from_date <= self.from_date and ends_by_then


@dataclass(frozen=True)
class TrustContact(Dated):
    trust_id: str
    post: str
    person_id: UUID
    from_date: date
    until: date | None


def of_the_trust(contacts: Iterable[TrustContact], trust_id: str, post: str, day: date) -> TrustContact | None:
    """Who holds the trust's post that day."""
    held = [each for each in contacts if (each.trust_id, each.post) == (trust_id, post) and each.holds_on(day)]
    return max(held, key=lambda each: (each.from_date, str(each.person_id)), default=None)


def whom_to_ring(
    contacts: Iterable[TrustContact], headships: Iterable[Headship], trust_id: str, urn: str, day: date
) -> list[TrustContact]:
    """Where a trust speaks: its chief executive, then its School Improvement Partner, but for whoever heads the school."""
    known = tuple(headships)
    held = [each for each in contacts if each.trust_id == trust_id and each.holds_on(day)]
    speak = [each for each in held if not heads(known, each.person_id, urn, day)]
    return sorted(speak, key=lambda each: (each.post != CHIEF_EXECUTIVE, each.from_date, str(each.person_id)))


def hears_for(
    contacts: Iterable[TrustContact], headships: Iterable[Headship], trust_id: str, urn: str, day: date
) -> UUID | None:
    """Who is written to where a trust speaks: the first whom one would ring. Whoever heads the school hears as its head,
    and the trust through the other one (R0.8)."""
    speak = whom_to_ring(contacts, headships, trust_id, urn, day)
    return speak[0].person_id if speak else None


class AlreadyInPost(Refusal):
    def __init__(self, what: str, from_date: date, cure: str):
        super().__init__(f"{what} has a holder from {from_date:%-d %B %Y} already: {cure}")


def must_not_overlap(
    spans: Iterable[tuple[str, date, date | None]], cure: str = "end that first, or correct the dates"
) -> None:
    """Of one thing there is one holder on a day. Each span names the thing, in words, and its days."""
    last: dict[str, tuple[date, date | None]] = {}
    for what, from_date, until in sorted(spans, key=lambda span: (span[0], span[1])):
        earlier = last.get(what)
        if earlier is not None and _overlap(*earlier, from_date, until):
            raise AlreadyInPost(what, earlier[0], cure)
        last[what] = (from_date, until)


def heads(headships: Iterable[Headship], person_id: UUID, urn: str, day: date) -> bool:
    return any(each.person_id == person_id and each.urn == urn and each.holds_on(day) for each in headships)


def leaves(headships: Iterable[Headship], person_id: UUID, on: date, named: str | None = None) -> str | None:
    """The school that a head leaves by moving that day. Who heads two says which; the other one stays hers."""
    held = [each for each in headships if each.person_id == person_id and each.from_date < on]
    present = sorted(each.urn for each in held if each.holds_on(on))
    if named is not None:
        if named not in present:
            raise HeadsItNot(named, on)
        return named
    if len(present) > 1:
        raise LeavesWhich(present)
    just_left = sorted(each.urn for each in held if each.until == on)
    return next(iter([*present, *just_left]), None)


def allocate(existing: Sequence[Allocation], headships: Sequence[Headship], new: Allocation) -> Allocation:
    """A system leader is allocated to a school, never to one that she heads in that time (W-18)."""
    if new.until is not None and new.until <= new.from_date:
        raise AllocationEndsTooSoon(new.from_date, new.until)
    for headship in headships:
        if (
            headship.person_id == new.person_id
            and headship.urn == new.urn
            and _overlap(headship.from_date, headship.until, new.from_date, new.until)
        ):
            raise HeadsTheSchool(new.urn)
    for other in existing:
        if other.urn == new.urn and _overlap(other.from_date, other.until, new.from_date, new.until):
            raise AlreadyAllocated(new.urn, other.from_date)
    return new


def correct_allocation(
    existing: Sequence[Allocation], headships: Sequence[Headship], allocation: Allocation, correction: Correction
) -> Allocation:
    """The allocation as it really was or is, by the same rules as if it had been made so."""
    corrected = replace(
        allocation,
        person_id=correction.person_id or allocation.person_id,
        from_date=correction.from_date or allocation.from_date,
        until=None if correction.no_end else correction.until or allocation.until,
    )
    if corrected == allocation:
        raise NothingToCorrect
    others = [each for each in existing if each.allocation_id != allocation.allocation_id]
    return allocate(others, headships, corrected)


def end_allocation(allocation: Allocation, ended_on: date) -> Allocation:
    if ended_on <= allocation.from_date or (allocation.until is not None and allocation.until <= ended_on):
        raise AllocationEndsTooSoon(allocation.from_date, ended_on)
    return replace(allocation, until=ended_on)


def _overlap(a_from: date, a_until: date | None, b_from: date, b_until: date | None) -> bool:
    return (b_until is None or a_from < b_until) and (a_until is None or b_from < a_until)
