"""The rules of R0.1, R0.3 and R0.4 said a second time, as plainly as they can be: a list of facts and naive questions.

The list only grows. Each fact says when it is true and on which day it became known; what is known on a day are the
facts known by its end. Nothing is locked, stored, carried over or looked up: every question goes through the whole list.
Written from the requirements and from docs/category-policy.md and docs/routing-policy.md; it imports nothing of the
service that it checks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVar

# Only the types of school that the tests use. "new" academies are a new start; converters carry on what they were.
TYPES = {
    "1": "maintained",
    "2": "maintained",
    "7": "maintained",
    "34": "converter",
    "28": "new academy",
    "35": "new academy",
    "8": "other",
    "10": "independent",
    "": "unknown",
}
GENERAL, INSPECTION = "general", "inspection"
MATTERS = (GENERAL, INSPECTION)


@dataclass(frozen=True)
class Fact:
    known: date


@dataclass(frozen=True)
class School(Fact):
    """What the register says of a school; what it said last holds for every day."""

    urn: str
    authority: str
    type: str
    opened: date | None = None
    closed: date | None = None
    trust: str | None = None
    status: str = "open"


@dataclass(frozen=True)
class Policy(Fact):
    """An authority adopts a policy from a day on. ``kind`` is routing or category."""

    authority: str
    kind: str
    name: str
    start: date
    inherit: str = "converters"


@dataclass(frozen=True)
class Outcome(Fact):
    """Ofsted's word on one inspection. Said again, the last word counts; ``withdrawn``, none does."""

    urn: str
    number: str
    started: date
    published: date
    headline: int | None = None
    concern: str | None = None
    quality: int | None = None
    leadership: int | None = None
    safe: bool | None = None
    kind: str = "graded"
    withdrawn: bool = False


@dataclass(frozen=True)
class Continues(Fact):
    urn: str
    predecessor: str
    merged: bool = False


@dataclass(frozen=True)
class Held(Fact):
    """Something that holds from ``start`` until the day before ``until``."""

    id: str
    start: date
    until: date | None


@dataclass(frozen=True)
class Entry(Held):
    urn: str
    category: int


@dataclass(frozen=True)
class Member(Held):
    body: str
    urn: str
    lead: bool = True


@dataclass(frozen=True)
class Term(Held):
    body: str
    post: str
    person: str


@dataclass(frozen=True)
class Allocation(Held):
    urn: str
    person: str


@dataclass(frozen=True)
class Headship(Held):
    urn: str
    person: str


@dataclass(frozen=True)
class Contact(Held):
    trust: str
    post: str
    person: str


@dataclass(frozen=True)
class Ends(Fact):
    """Something that is held no longer holds from this day on; from its first day on, it never held."""

    which: str
    on: date


class Who(NamedTuple):
    """One answer: a role and whoever fills it. The role ``desk`` is the duty desk."""

    role: str
    body: str | None = None
    post: str | None = None
    trust: str | None = None
    person: str | None = None


DESK = Who("duty-desk")


class Category(NamedTuple):
    """None: nothing that was published says anything. ``because``: outcome, inherited, la-category or nothing."""

    value: int | None
    because: str = "nothing"
    ref: str = ""

    @property
    def restricted(self) -> bool:
        return self.because == "la-category"


F = TypeVar("F", bound=Fact)
H = TypeVar("H", bound=Held)


class Known:
    """The facts as known at the end of one day, and what follows from them for any day."""

    def __init__(self, facts: Iterable[Fact], known: date = date.max):
        self.facts = [fact for fact in facts if fact.known <= known]
        self.ends = {fact.which: fact.on for fact in self._all(Ends)}

    # -- the category in force (R0.1) --

    def category(self, urn: str, on: date) -> Category:
        entries = [entry for entry in self._held(Entry, on) if entry.urn == urn]
        if entries:
            latest = max(entries, key=lambda entry: entry.start)
            latest = [entry for entry in entries if entry.start == latest.start][-1]
            return Category(latest.category, "la-category", latest.id)
        return self.public_category(urn, on)

    def public_category(self, urn: str, on: date) -> Category:
        """As if the authority had entered nothing."""
        own = self._latest({urn}, on)
        if own is not None:
            return Category(says(own), "outcome", own.number)
        inherited = self._latest(self._inherits_from(urn, on), on)
        if inherited is not None:
            return Category(says(inherited), "inherited", inherited.number)
        return Category(None)

    def _latest(self, urns: set[str], on: date) -> Outcome | None:
        last_word = {(each.urn, each.number, each.kind): each for each in self._all(Outcome)}.values()
        telling = [
            each
            for each in last_word
            if each.urn in urns and not each.withdrawn and each.published <= on and says(each) is not None
        ]
        return max(telling, key=lambda each: (each.published, each.started, each.known, each.number), default=None)

    def _inherits_from(self, urn: str, on: date) -> set[str]:
        school = self.school(urn)
        if school is None or (school.opened is not None and on < school.opened):
            return set()
        inherit = self.policy(school.authority, "category", on).inherit
        return {
            each.predecessor
            for each in self._all(Continues)
            if each.urn == urn
            and (inherit == "always" or (inherit == "converters" and self._carries_on(school, each.predecessor)))
        }

    def _carries_on(self, school: School, predecessor: str) -> bool:
        links = [each for each in self._all(Continues) if (each.urn, each.predecessor) == (school.urn, predecessor)]
        return TYPES[school.type] == "converter" and not any(each.merged for each in links)

    # -- who speaks (R0.3) --

    def open(self, urn: str, on: date) -> bool:
        school = self.school(urn)
        if school is None or (school.opened is not None and on < school.opened):
            return False
        if school.closed is not None:
            return on < school.closed
        return school.status == "open" or (school.status == "proposed" and school.opened is not None)

    def speaker(self, urn: str, matter: str, on: date) -> Who | None:
        """Nobody is named for a school that is shut or isn't state-funded; for any other there is one answer."""
        school = self.school(urn)
        if school is None or not self.open(urn, on) or TYPES[school.type] == "independent":
            return None
        return self._routed(school, matter, on, self.category(urn, on).value or 2)

    def public_role(self, urn: str, on: date) -> str | None:
        """From public facts alone: a weak maintained school has a system leader, whether or not there is one."""
        school = self.school(urn)
        if school is None or self.speaker(urn, GENERAL, on) is None:
            return None
        category = self.public_category(urn, on).value or 2
        chairs = self.policy(school.authority, "routing", on).name == "warwickshire"
        if chairs and TYPES[school.type] == "maintained" and category >= 3:
            return "system-leader"
        return self._routed(school, GENERAL, on, category).role

    def _routed(self, school: School, matter: str, on: date, category: int) -> Who:
        policy = self.policy(school.authority, "routing", on).name
        academy = TYPES[school.type] in ("converter", "new academy")
        if TYPES[school.type] == "unknown" or policy == "duty-desk-only":
            return DESK
        if policy == "bristol":
            if academy:
                return self._trust(school)
            return Who("improvement-desk")
        if academy and matter == INSPECTION:
            return self._trust_contact(school, on)
        if TYPES[school.type] == "maintained" and category >= 3:
            return self._system_leader(school, on)
        if academy and category >= 3:
            return self._trust(school)
        return self._officer(school, on)

    def _trust(self, school: School) -> Who:
        return DESK if school.trust is None else Who("trust", trust=school.trust)

    def _trust_contact(self, school: School, on: date) -> Who:
        for post, role in (
            ("chief-executive", "trust-chief-executive"),
            ("school-improvement-partner", "school-improvement-partner"),
        ):
            for contact in self._held(Contact, on):
                if (contact.trust, contact.post) == (school.trust, post) and not self._heads(
                    contact.person, school, on
                ):
                    return Who(role, trust=school.trust, person=contact.person)
        return DESK

    def _system_leader(self, school: School, on: date) -> Who:
        for allocation in self._held(Allocation, on):
            if allocation.urn == school.urn and not self._heads(allocation.person, school, on):
                return Who("system-leader", person=allocation.person)
        return DESK

    def _officer(self, school: School, on: date) -> Who:
        """Chair, who acts as chair while there is none, deputy; none of them for the school that she heads."""
        bodies = [each.body for each in self._held(Member, on) if each.urn == school.urn and each.lead]
        terms = {each.post: each for each in self._held(Term, on) if each.body in bodies}
        chair = terms.get("chair") or terms.get("acting-chair")
        for term, role in ((chair, "chair"), (terms.get("deputy"), "deputy")):
            if term is not None and not self._heads(term.person, school, on):
                return Who(role, body=term.body, post=term.post, person=term.person)
        return DESK

    def _heads(self, person: str, school: School, on: date) -> bool:
        return any((each.person, each.urn) == (person, school.urn) for each in self._held(Headship, on))

    # -- reading the list --

    def school(self, urn: str) -> School | None:
        return next((each for each in reversed(self.facts) if isinstance(each, School) and each.urn == urn), None)

    def policy(self, authority: str, kind: str, on: date) -> Policy:
        """The one adopted from the latest day up to this one; of one day, the one that was adopted last."""
        adopted = [
            each for each in self._all(Policy) if (each.authority, each.kind) == (authority, kind) and each.start <= on
        ]
        latest = max((each.start for each in adopted), default=None)
        standing = [each for each in adopted if each.start == latest]
        return standing[-1] if standing else Policy(on, authority, kind, NO_POLICY[kind], date.min)

    def _all(self, kind: type[F]) -> Iterator[F]:
        return (fact for fact in self.facts if isinstance(fact, kind))

    def _held(self, kind: type[H], on: date) -> Iterator[H]:
        for each in self._all(kind):
            until = self.ends.get(each.id, each.until)
            if each.start <= on and (until is None or on < until):
                yield each


NO_POLICY = {"routing": "duty-desk-only", "category": "ofsted"}


def says(outcome: Outcome) -> int | None:
    """The table of R0.1, for one outcome; None where it says nothing about the category."""
    if outcome.kind == "ungraded":
        return None
    if outcome.concern is not None or outcome.safe is False:
        return 4
    if outcome.headline is not None:
        return outcome.headline
    judged = [grade for grade in (outcome.quality, outcome.leadership) if grade is not None]
    return max(judged, default=None)


def state(known: Known, urn: str, on: date) -> tuple[Any, ...]:
    """All that others are told about a school on a day: its category, and who speaks on each matter."""
    return (known.category(urn, on).value, *(known.speaker(urn, matter, on) for matter in MATTERS))


def as_known_then(facts: Sequence[Fact], urn: str, matter: str, days: Iterable[date]) -> dict[date, Who | None]:
    """Who spoke on each day as it was known on that day (R0.4)."""
    return {day: Known(facts, day).speaker(urn, matter, day) for day in days}
