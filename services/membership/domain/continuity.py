"""What follows when one school continues another, and when a school closes: bodies, allocations, heads.

The rules, in the order in which an officer meets them:

- *Places.* The school that continues another takes its place in its bodies, and its lead body, from its opening day. Of a
  merger the place of each; a part of a school that was split keeps the place. Unless an officer has decided otherwise.
- *Closing.* A place and an allocation end with the school. A school that opens again is in its bodies again.
- *Allocations.* They go over to a maintained school that continues one school. They end at a conversion, since the trust
  speaks for an academy, and at a merger or split, since they were made for another school: an officer is asked.
- *Heads.* The head of a school that converts is the converter's head, and an office that she holds stays hers (W-31
  follows her school). Of every other continuation the head is not assumed: an officer is asked.

Places, allocations and an officer's other decisions follow within one authority only: they are restricted, or another's to
make (R0.8). The desk of the other one is asked to which body its school is to belong, and hears nothing of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Protocol
from uuid import UUID

from services.membership.domain.appointment import Allocation, Headship
from services.membership.domain.body import Membership, parts_of
from services.membership.domain.establishment import Sector
from services.membership.domain.links import Relation, begins, took_in
from services.membership.domain.school import School, Status
from shared.refusal import Invalid, Refusal

# The highest phase of the schools that a body is for. A school in two bodies is led by that of its highest phase (R0.3).
PHASES = {"area-network": 2, "primary-consortium": 1}


class AlreadyAMember(Refusal):
    def __init__(self, urn: str, body: str, from_date: date):
        super().__init__(f"{urn} belongs to {body} from {from_date:%-d %B %Y} already")


class BelongsUntilAnotherDay(Refusal):
    def __init__(self, urn: str, body: str, from_date: date, until: date | None):
        end = f"until {until:%-d %B %Y}" if until else "with no end"
        super().__init__(
            f"{urn} belongs to {body} from {from_date:%-d %B %Y} {end} already: to end it enter that the school leaves, or "
            "correct its place (`consortia correction place`)"
        )


class NotAMember(Refusal):
    def __init__(self, urn: str, body: str, on: date):
        super().__init__(f"{urn} doesn't belong to {body} on {on:%-d %B %Y}")


class BelongsAgain(Refusal):
    def __init__(self, urn: str, body: str, place: Membership, from_date: date):
        super().__init__(
            f"{urn} left {body} on {place.until:%-d %B %Y} and belongs to it again from {from_date:%-d %B %Y}: to change when it "
            "left, correct its earlier place (`consortia correction place`)"
        )


class LeavesBeforeItJoins(Invalid):
    def __init__(self, from_date: date, left_on: date):
        super().__init__(
            f"A place that begins on {from_date:%-d %B %Y} can't end on {left_on:%-d %B %Y}: enter the first day "
            "on which the school no longer belongs"
        )


class _Span(Protocol):
    @property
    def from_date(self) -> date: ...
    @property
    def until(self) -> date | None: ...


@dataclass(frozen=True)
class Succession:
    """A school from the day on which it continues one or several others."""

    school: School
    on: date
    predecessors: tuple[School, ...]
    new_start: bool  # of several schools one, or of one several

    @property
    def carries_on(self) -> bool:
        """One school goes on as one school."""
        return len(self.predecessors) == 1 and not self.new_start

    def crosses_a_border(self) -> bool:
        return any(each.authority != self.school.authority for each in self.predecessors)

    def within_its_authority(self) -> "Succession | None":
        """Without the schools of other authorities that it continues: what was decided of those is not its own authority's."""
        own = tuple(each for each in self.predecessors if each.authority == self.school.authority)
        return replace(self, predecessors=own) if own else None

    def words(self) -> str:
        return f"{self.school.name} ({self.school.urn}) continues {_named(self.predecessors)} from {self.on:%-d %B %Y}"


@dataclass(frozen=True)
class Place:
    body_id: UUID
    lead: bool


def successions(schools: Mapping[str, School], relations: Iterable[Relation]) -> list[Succession]:
    """Who continues whom from which day, for schools that the register has on both sides, in order."""
    dated: dict[tuple[str, date], list[Relation]] = {}
    parts: dict[tuple[str, date], set[str]] = {}
    for each in relations:
        if each.urn not in schools or each.predecessor_urn not in schools:
            continue  # takes effect when it appears
        on = begins(each.from_date, schools[each.urn].opened_on)
        if on is not None:
            dated.setdefault((each.urn, on), []).append(each)
            parts.setdefault((each.predecessor_urn, on), set()).add(each.urn)
    found = []
    for (urn, on), together in sorted(dated.items(), key=lambda item: (item[0][1], item[0][0])):
        predecessors = sorted({each.predecessor_urn for each in together})
        split = any(len(parts[predecessor, on]) > 1 for predecessor in predecessors)
        merger = any(each.new_start or took_in(each.from_date, schools[urn].opened_on) for each in together)
        new_start = split or len(predecessors) > 1 or merger
        found.append(Succession(schools[urn], on, tuple(schools[each] for each in predecessors), new_start))
    return found


@dataclass(frozen=True)
class Given:
    """Who continues whom, as far as is known together; of the schools ``of`` with all that they continue and that continues
    them."""

    of: set[str]
    successions: list[Succession]

    def complete(self) -> list[Succession]:
        return [each for each in self.successions if each.school.urn in self.of]

    def within_authorities(self) -> "Given":
        """The same without what crosses the border between authorities."""
        own = [each.within_its_authority() for each in self.successions]
        return Given(self.of, [each for each in own if each is not None])

    def lacks(self, urn: str, on: date) -> bool:
        """Whether that school continues none from that day any more."""
        return urn in self.of and (urn, on) not in self._begin

    @cached_property
    def _begin(self) -> set[tuple[str, date]]:
        return {(each.school.urn, each.on) for each in self.successions}


def held_to_the_end(span: _Span, school: School, followed_on: date) -> bool:
    """Whether something held on a school's last day: its end may be the day of closing, before the other opened."""
    last = _last(school, followed_on)
    return span.from_date < followed_on and (span.until is None or span.until >= last)


def _last(school: School, followed_on: date) -> date:
    """The first day on which it is no more."""
    return min(followed_on, school.closed_on or followed_on)


def never_came(places: Collection[Membership], register: Mapping[str, School]) -> set[Membership]:
    """Those that were to begin when their school had closed: nobody hears of them, unless it is found to be open after all.

    ``places``: whole, with all their parts. A school that the register lacks has not closed; of one that was never open the
    places end as soon as that is known, like those of any that closes.
    """
    gone = {urn: school.closed_on for urn, school in register.items() if school.closed_on is not None}
    late = [each for each in places if each.urn in gone and gone[each.urn] <= each.from_date]
    return {each for each in late if gone[each.urn] <= parts_of(places, each)[0].from_date}


def lead_by_default(kinds: Mapping[UUID, str]) -> UUID | None:
    """Of the bodies of a school the one of its highest phase (R0.3); of two alike always the same one."""
    return min(kinds, key=lambda body_id: (-PHASES.get(kinds[body_id], 0), str(body_id)), default=None)


def places(succession: Succession, held: Iterable[Membership], kinds: Mapping[UUID, str]) -> list[Place]:
    """The places that the school takes: those of its predecessors on their last day, in bodies that are still there."""
    last = {school.urn: school for school in succession.predecessors}
    left = [each for each in held if each.urn in last and held_to_the_end(each, last[each.urn], succession.on)]
    kept = [each for each in left if each.body_id in kinds]
    leads = {each.body_id for each in kept if each.lead and each.from_date < _last(last[each.urn], succession.on)}
    bodies = sorted({each.body_id for each in kept}, key=str)
    led = any(each.lead for each in left)
    lead = next(iter(leads)) if len(leads) == 1 else lead_by_default({each: kinds[each] for each in bodies if led})
    return [Place(body_id, body_id == lead) for body_id in bodies]


def left_over_the_border(succession: Succession, held: Iterable[Membership]) -> bool:
    """Whether one of these places, in bodies of other authorities, was a predecessor's on its last day."""
    last = {school.urn: school for school in succession.predecessors}
    return any(each.urn in last and held_to_the_end(each, last[each.urn], succession.on) for each in held)


def why_asked_over_the_border(succession: Succession) -> str:
    return (
        f"{succession.words()}, over the border between two authorities: its place in a body doesn't go over, nor does anything "
        "else that the other authority may have decided. Enter the body to which it is to belong, and what is to hold for it"
    )


def is_gone(school: School) -> bool:
    return school.closed_on is not None or school.status is Status.CLOSED


@dataclass(frozen=True)
class AllocationFollows:
    """``to_urn`` None: it ends for the reason given, and an officer is asked, where the school that follows is her authority's."""

    allocation: Allocation
    ends_on: date
    to_urn: str | None
    why: str


def allocations(succession: Succession, held: Iterable[Allocation]) -> list[AllocationFollows]:
    """What becomes of the predecessors' allocations when the school opens."""
    last = {school.urn: school for school in succession.predecessors}
    school, on = succession.school, succession.on
    found = []
    for each in sorted(held, key=lambda each: str(each.allocation_id)):
        if each.urn not in last or not held_to_the_end(each, last[each.urn], on):
            continue
        if last[each.urn].authority != school.authority:
            to_urn, why = None, f"{succession.words()}, in another authority, so the allocation ends"
        elif school.sector is Sector.ACADEMY:
            to_urn, why = None, f"{succession.words()}: the trust speaks for an academy, so the allocation ends"
        elif succession.carries_on and school.sector is Sector.MAINTAINED:
            to_urn, why = school.urn, f"{succession.words()}: the allocation goes over to it"
        elif succession.carries_on:
            to_urn, why = None, f"{succession.words()}, which is not a maintained school, so the allocation ends"
        else:
            to_urn, why = None, f"{succession.words()}: the allocation was made for another school, so it ends"
        if to_urn or succession.carries_on or is_gone(last[each.urn]):
            found.append(AllocationFollows(each, on, to_urn, why))
    return found


def why_asked_of_ended(succession: Succession) -> str:
    """Where an allocation has ended, and a later file has the school as one to which it would have gone over."""
    return (
        f"{succession.words()}: by what the register says now the allocation would have gone over to it, and it has ended. If "
        "somebody is to be allocated to it, enter that"
    )


def heads(succession: Succession, held: Iterable[Headship]) -> tuple[list[Headship], str]:
    """The heads of the school from its first day, and why; none of whom to ask an officer otherwise."""
    last = {school.urn: school for school in succession.predecessors}
    before = [each for each in held if each.urn in last and held_to_the_end(each, last[each.urn], succession.on)]
    if not before:
        return [], ""  # nobody was recorded before either
    if succession.carries_on and succession.school.is_converter:
        why = f"{succession.words()} as an academy that converted: its head goes over to it"
        return [
            Headship(each.person_id, succession.school.urn, succession.on, _later(each.until, succession))
            for each in sorted(before, key=lambda each: str(each.person_id))
        ], why
    kind = "by a merger or a split" if not succession.carries_on else "as a new start"
    return [], f"{succession.words()} {kind}: enter who heads it"


def _later(until: date | None, succession: Succession) -> date | None:
    """An end that somebody planned for later stays; the end with the school itself is none."""
    gone = succession.predecessors[0].closed_on
    return until if until is not None and until > max(succession.on, gone or succession.on) else None


def _named(schools: Sequence[School]) -> str:
    return " and ".join(f"{school.name} ({school.urn})" for school in schools)


def led_from(memberships: Sequence[Membership], body_id: UUID, on: date) -> list[Membership]:
    """The memberships of a school when that body leads from a day on: exactly one leads, and what was before stays."""
    found = []
    for each in memberships:
        lead = each.body_id == body_id
        if each.lead == lead or (each.until is not None and each.until <= on):
            found.append(each)
        elif each.from_date >= on:
            found.append(replace(each, lead=lead))
        else:
            found += [replace(each, until=on), replace(each, from_date=on, lead=lead)]
    return found
