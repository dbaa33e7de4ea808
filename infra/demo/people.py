"""The invented people of the demo: heads, chairs, system leaders, trust contacts, officers, holders of seats."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from infra.demo import invented, places
from infra.demo.registers import (
    BRISTOL,
    GO_LIVE,
    WARWICKSHIRE,
    School,
    good_or_outstanding_on,
    schools,
    single_academy_trusts,
)

YEARS_AS_HEAD = 3  # W-07


@dataclass(frozen=True)
class Person:
    id: UUID
    name: str
    email: str
    telephone: str


@dataclass(frozen=True)
class Headship:
    person: Person
    urn: str
    since: date
    until: date | None


@dataclass(frozen=True)
class TrustContact:
    trust_id: str
    post: str  # chief-executive or school-improvement-partner
    person: Person
    since: date


@dataclass(frozen=True)
class Allocation:
    id: UUID
    urn: str
    leader: Person
    since: date
    until: date | None = None


@cache
def person(what: str) -> Person:
    """The person behind a stable description such as 'head of 125580'; her number is its place in the cast."""
    number = _cast().index(what)
    full_name = invented.name(number)
    return Person(invented.person_id(what), full_name, invented.email(full_name, number), invented.telephone(number))


@cache
def _cast() -> tuple[str, ...]:
    heads = [f"head of {urn}" for urn in sorted(schools())]
    leaders = [f"system leader {n}" for n in range(1, 7)]
    trusts = sorted({school.trust_id for school in schools().values() if school.trust_id})
    contacts = [f"{post} of {trust}" for trust in trusts for post in ("chief-executive", "school-improvement-partner")]
    officers = [f"officer {n} of {authority}" for authority in (WARWICKSHIRE, BRISTOL) for n in (1, 2)]
    seats = [f"seat {n} of {BRISTOL}" for n in range(1, 17)]
    later = [f"new head {n}" for n in range(1, 4)]
    return tuple(heads + leaders + contacts + officers + seats + later)


def cast() -> list[Person]:
    """Everybody."""
    return [person(what) for what in _cast()]


def head_of(urn: str) -> Person:
    """A head stays when her school converts: she is known by the school at which the demo met her first."""
    before = {school.continued_by: school.urn for school in schools().values() if school.continued_by}
    return person(f"head of {before.get(urn, urn)}")


def head_since(school: School) -> date:
    """An invented start between 2010 and 2022, at the beginning of a term, but never before the school opened."""
    number = int(school.urn)
    start = date(2010 + number * 7 % 13, (9, 1, 4)[number % 3], 1)
    return max(start, school.opened) if school.opened else start


@cache
def headships() -> tuple[Headship, ...]:
    return tuple(
        Headship(head_of(school.urn), school.urn, head_since(school), school.closed) for school in schools().values()
    )


# -- chairs and deputies ---------------------------------------------------------------------------


def fit_to_chair(members: list[School], storied: frozenset[str]) -> list[School]:
    """Member schools whose head meets what the role asks (W-06 to W-08) and of which no story is told."""
    good = good_or_outstanding_on(GO_LIVE)
    return [
        school
        for school in sorted(members, key=lambda school: int(school.urn) * 7919 % 10_007)
        if school.urn in good
        and school.urn not in storied
        and school.closed is None
        and school.open_on(GO_LIVE)
        and head_since(school) <= GO_LIVE.replace(year=GO_LIVE.year - YEARS_AS_HEAD)
        and school.phase not in {"All-through", "Nursery"}
    ]


# -- system leaders --------------------------------------------------------------------------------

# Two system leaders head a school of their own, of which they are never the system leader (W-18); four head none.
LEADERS_WHO_HEAD = {1: "130885", 2: "125701"}


def leader(number: int) -> Person:
    return head_of(LEADERS_WHO_HEAD[number]) if number in LEADERS_WHO_HEAD else person(f"system leader {number}")


def _allocation(urn: str, number: int, since: str, until: str | None = None) -> Allocation:
    return Allocation(
        invented.body_id(f"allocation {urn} {since}"),
        urn,
        leader(number),
        date.fromisoformat(since),
        date.fromisoformat(until) if until else None,
    )


# The real maintained schools of Warwickshire that were in Category 3 or 4 at some time since 1 September 2023; leaders
# and dates are invented. Some are allocated before the category fell, without effect until then; one (Bilton Infant)
# after it, with weeks at the duty desk between; one (Kingsbury, 134924) never, so that the duty desk answers for it.
ALLOCATIONS: tuple[Allocation, ...] = (
    _allocation("125511", 1, "2023-09-01"),
    _allocation("130379", 2, "2023-09-01"),
    _allocation("130898", 3, "2023-09-01", "2024-09-01"),
    _allocation("125585", 3, "2023-09-01"),
    _allocation("125646", 1, "2023-09-01", "2025-04-01"),
    _allocation("125616", 3, "2023-09-01"),
    _allocation("125635", 2, "2023-09-01"),
    _allocation("125579", 4, "2024-01-08"),
    _allocation("125620", 5, "2024-01-08"),
    _allocation("125762", 1, "2024-07-01"),
    _allocation("125570", 4, "2024-09-02"),
    _allocation("125670", 6, "2025-04-28"),
    _allocation("125580", 4, "2025-04-28"),
)

# -- trusts ----------------------------------------------------------------------------------------

CONTACTS_SINCE = date(2021, 9, 1)
WITHOUT_CHIEF_EXECUTIVE = 9  # every ninth trust has a School Improvement Partner only
WITHOUT_ANYBODY = 31  # and one of each thirty-one neither, so that the duty desk answers


def trust_contacts(authority: str) -> list[TrustContact]:
    """A trust of one school is led by that school's head; the other chief executives head no school."""
    members: dict[str, list[School]] = {}
    for school in schools().values():
        if school.authority == authority and school.trust_id:
            members.setdefault(school.trust_id, []).append(school)
    single = {trust for trust, _ in single_academy_trusts().values()}
    found: list[TrustContact] = []
    for number, trust in enumerate(sorted(members, key=int), start=1):
        if number % WITHOUT_ANYBODY == 0:
            continue
        if number % WITHOUT_CHIEF_EXECUTIVE:
            chief = head_of(members[trust][0].urn) if trust in single else person(f"chief-executive of {trust}")
            found.append(TrustContact(trust, "chief-executive", chief, CONTACTS_SINCE))
        partner = person(f"school-improvement-partner of {trust}")
        found.append(TrustContact(trust, "school-improvement-partner", partner, CONTACTS_SINCE))
    return found


# -- Bristol ---------------------------------------------------------------------------------------


def bristol_seats() -> list[tuple[str, Person]]:
    """Who holds the sixteen seats of Bristol's group. A seat gives no voice for a single school (R0.3)."""
    titles = [title for title, count in places.BRISTOL_SEATS for _ in range(count)]
    return [(title, person(f"seat {number} of {BRISTOL}")) for number, title in enumerate(titles, start=1)]
