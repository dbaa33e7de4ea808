"""The rules of R0.1, R0.3 and R0.4 said a second time, as plainly as they can be: a list of facts and naive questions.

The list only grows. Each fact says when it is true and on which day it became known; what is known on a day are the
facts known by its end. Nothing is locked, stored, carried over or looked up: every question goes through the whole list.
Written from the requirements and from docs/category-policy.md and docs/routing-policy.md; it imports nothing of the
service that it checks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from tests.bitemporal.facts import (
    Allocation as Allocation,
)
from tests.bitemporal.facts import (
    Answered as Answered,
)
from tests.bitemporal.facts import (
    Contact as Contact,
)
from tests.bitemporal.facts import (
    Continues as Continues,
)
from tests.bitemporal.facts import (
    Ends as Ends,
)
from tests.bitemporal.facts import (
    Entry as Entry,
)
from tests.bitemporal.facts import (
    Fact as Fact,
)
from tests.bitemporal.facts import (
    Headship as Headship,
)
from tests.bitemporal.facts import (
    Held as Held,
)
from tests.bitemporal.facts import (
    InTrust as InTrust,
)
from tests.bitemporal.facts import (
    KeptUntil as KeptUntil,
)
from tests.bitemporal.facts import (
    Member as Member,
)
from tests.bitemporal.facts import (
    Outcome as Outcome,
)
from tests.bitemporal.facts import (
    Override as Override,
)
from tests.bitemporal.facts import (
    Policy as Policy,
)
from tests.bitemporal.facts import (
    School as School,
)
from tests.bitemporal.facts import (
    Stays as Stays,
)
from tests.bitemporal.facts import (
    Term as Term,
)

# By the register's codes of establishment types. A "new academy" is a new start; a converter carries on what it was.
_CODES = {
    "maintained": "1 2 3 5 7 12 14 15",
    "converter": "34 42 44 45",
    "new academy": "28 33 35 36 38 39 40 41 43 46 57",
    "other": "6 8",
    "independent": "10 11 18 24 25 26 27 29 30 31 32 37 49 56",
}
TYPES = defaultdict(lambda: "unknown", {code: kind for kind, codes in _CODES.items() for code in codes.split()})
A_DAY = timedelta(days=1)
GENERAL, INSPECTION = "general", "inspection"
MATTERS = (GENERAL, INSPECTION)


class Who(NamedTuple):
    """One answer: a role and whoever fills it. The role ``desk`` is the duty desk."""

    role: str
    body: str | None = None
    post: str | None = None
    trust: str | None = None
    person: str | None = None


DESK = Who("duty-desk")


class Category(NamedTuple):
    """None: nothing that was published says anything. ``because``: outcome, inherited, la-category, proposal or nothing."""

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
        self.facts: dict[type, list[Any]] = defaultdict(list)
        self.ends: dict[str, date] = {}
        said: dict[str, int] = {}
        for fact in facts:
            if fact.known > known:
                continue
            if isinstance(fact, Ends):
                self.ends[fact.which] = fact.on
            elif isinstance(fact, Held) and fact.id in said:  # it was corrected, and its end with it
                self.facts[type(fact)][said[fact.id]] = fact
                self.ends.pop(fact.id, None)
            else:
                if isinstance(fact, Held):
                    said[fact.id] = len(self.facts[type(fact)])
                self.facts[type(fact)].append(fact)

    # -- the category in force (R0.1) --

    def category(self, urn: str, on: date) -> Category:
        entries = [entry for entry in self.held(Entry, on) if entry.urn == urn]
        if entries:
            latest = max(entries, key=lambda entry: entry.start)
            latest = [entry for entry in entries if entry.start == latest.start][-1]
            return Category(latest.category, "la-category", latest.id)
        since = self.proposing_since(urn, on)
        return self.public_category(urn, on) if since is None else self.confirmed(urn, on, since)

    def public_category(self, urn: str, on: date) -> Category:
        """As if the authority had entered nothing. Under the policy ``la`` nothing else counts."""
        school = self.school(urn)
        if school is not None and self.policy(school.authority, "category", on).name == "la":
            return Category(None)
        own = self._latest({urn}, on)
        if own is not None:
            return Category(says(own), "outcome", own.number)
        if school is None or (school.opened is not None and on < school.opened):
            return Category(None)
        inherited = self._inherited(urn, on, self.policy(school.authority, "category", on).inherit, ())
        if inherited is not None:
            return Category(says(inherited), "inherited", inherited.number)
        return Category(None)

    # -- where officers confirm what outcomes propose (R0.1) --

    def proposing_since(self, urn: str, on: date) -> date | None:
        """The first of the days up to this one on which nothing but `propose` was the policy; None where it isn't."""
        school, since = self.school(urn), None
        while school is not None and self.policy(school.authority, "category", on).name == "propose":
            since, on = on, on - A_DAY
        return since

    def confirmed(self, urn: str, on: date, since: date, by: date | None = None) -> Category:
        """What was confirmed last; else what had been in force; else what that is for the schools that it continues.

        ``by``: as it will be once all that is confirmed for a day up to that one has begun.
        """
        own = self._decided(urn, since, by or on) or self.public_category(urn, since - A_DAY)
        school = self.school(urn)
        if own.because != "nothing" or school is None or (school.opened is not None and on < school.opened):
            return own
        inherit = self.policy(school.authority, "category", on).inherit
        for before in self._line(urn, inherit, ()):
            found = self._decided(before, since, by or on)
            if found is not None and found.because != "nothing":
                return found._replace(because="inherited") if found.because == "outcome" else found
        return own

    def _decided(self, urn: str, since: date, by: date) -> Category | None:
        answers = [
            each
            for each in self.all(Answered)
            if each.urn == urn and each.start and each.known >= since and each.start <= by
        ]
        if answers:
            return Category(answers[-1].category, "proposal", answers[-1].id)
        stays = [each for each in self.all(Stays) if (each.urn, each.since) == (urn, since)]
        return Category(stays[0].category, stays[0].because, stays[0].ref) if stays else None

    def _line(self, urn: str, inherit: str, after: tuple[str, ...]) -> list[str]:
        """The schools from which it inherits by this policy, each step by the same."""
        found: list[str] = []
        for each in self.all(Continues):
            before = each.predecessor
            if each.urn == urn and before not in (urn, *after, *found) and self._passes_on(urn, before, inherit):
                found += [before, *self._line(before, inherit, (urn, *after))]
        return found

    def _passes_on(self, urn: str, before: str, inherit: str) -> bool:
        return inherit == "always" or (inherit == "converters" and self._carries_on(urn, before))

    def proposes(self, urn: str, on: date) -> tuple[str, int | None] | None:
        """Of which outcome and category an officer is to be asked; None where of nothing."""
        school, since = self.school(urn), self.proposing_since(urn, on)
        if school is None or since is None or not self.open(urn, on) or TYPES[school.type] == "independent":
            return None
        suggested = self.public_category(urn, on)
        if suggested.value == self.confirmed(urn, on, since, date.max).value:
            return None
        of = {urn, *self.predecessors(urn)}
        answers = [each for each in self.all(Answered) if each.urn in of and each.known >= since]
        if (
            answers
            and answers[-1].start is None
            and (answers[-1].number, answers[-1].category) == (suggested.ref, suggested.value)
        ):
            return None
        return suggested.ref, suggested.value

    # -- outcomes --

    def _inherited(self, urn: str, on: date, inherit: str, after: tuple[str, ...]) -> Outcome | None:
        """Whatever each school before it left: an outcome of its own, or one that it had inherited itself."""
        left = []
        for each in self.all(Continues):
            before = each.predecessor
            if each.urn == urn and before not in (urn, *after) and self._passes_on(urn, before, inherit):
                left.append(self._latest({before}, on) or self._inherited(before, on, inherit, (urn, *after)))
        return max((each for each in left if each is not None), key=self._order, default=None)

    def _latest(self, urns: set[str], on: date) -> Outcome | None:
        """Published last; of one day, inspected later; of these, recorded later."""
        telling = [
            each
            for each in self.believed().values()
            if each.urn in urns and not each.withdrawn and each.published <= on and says(each) is not None
        ]
        return max(telling, key=self._order, default=None)

    def _order(self, outcome: Outcome) -> tuple[date, date, date, str]:
        known = next(each.known for each in self.all(Outcome) if each.inspection == outcome.inspection)
        return (outcome.published, outcome.started, known, outcome.number)

    def believed(self) -> dict[tuple[str, str], Outcome]:
        """Of each inspection what its latest source says, and whether the last officer who had to do with it took it back."""
        found: dict[tuple[str, str], Outcome] = {}
        taken_back: dict[tuple[str, str], bool] = {}
        for each in self.all(Outcome):
            if each.inspection in found and each.source < found[each.inspection].source:
                continue
            if not each.by_file:
                taken_back[each.inspection] = each.withdrawn
            found[each.inspection] = replace(each, withdrawn=taken_back.get(each.inspection, False))
        return found

    def predecessors(self, urn: str, after: tuple[str, ...] = ()) -> set[str]:
        """Every school that stands before it, however far back."""
        direct = {each.predecessor for each in self.all(Continues) if each.urn == urn} - {urn, *after}
        return direct.union(*(self.predecessors(each, (urn, *after)) for each in direct))

    def _carries_on(self, urn: str, predecessor: str) -> bool:
        links = [each for each in self.all(Continues) if (each.urn, each.predecessor) == (urn, predecessor)]
        school = self.school(urn)
        last = max(links, key=lambda each: (each.edition, each.merged))
        return school is not None and TYPES[school.type] == "converter" and not last.merged

    # -- who speaks (R0.3) --

    def open(self, urn: str, on: date) -> bool:
        """From its opening day until it closes; where the register lacks that date, its status says what it lacks."""
        school = self.school(urn)
        if school is None:
            return False
        opens = school.opened or (date.max if school.status == "proposed" else date.min)
        closes = school.closed or (date.min if school.status == "closed" else date.max)
        return opens <= on < closes

    def speaker(self, urn: str, matter: str, on: date) -> Who | None:
        """Nobody is named for a school that is shut or isn't state-funded; for any other there is one answer."""
        school = self.school(urn)
        if school is None or not self.open(urn, on) or TYPES[school.type] == "independent":
            return None
        for each in self.held(Override, on):
            if each.urn == urn and each.matter in (matter, "both") and not self._heads(each.person, school, on):
                return DESK if each.person is None else Who("named-person", person=each.person)
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
                return self._trust(school, on)
            return Who("improvement-desk")
        if academy and matter == INSPECTION:
            return self._trust_contact(school, on)
        if TYPES[school.type] == "maintained" and category >= 3:
            return self._system_leader(school, on)
        if academy and category >= 3:
            return self._trust(school, on)
        return self._officer(school, on)

    def trust(self, urn: str, on: date) -> str | None:
        """Asked of the last that was said first: a trust is the school's from the day that is said for it.

        Said again and again of one trust, the day given last counts; none given, the day of the first edition; and where
        no other trust was ever said before, all days. A joining that is to come is said of its own day.
        """
        last_said = {(each.edition, each.weight, each.trust): each for each in self.all(InTrust) if each.urn == urn}
        said = sorted(
            last_said.values(),
            key=lambda each: (
                max(each.edition, each.since or each.edition),
                each.edition,
                each.weight,
                each.since or date.min,
                each.trust or "",
            ),
        )
        while said:
            of_one = [said.pop()]
            while said and said[-1].trust == of_one[-1].trust:
                of_one.append(said.pop())
            days = [each.since for each in of_one if each.since is not None]
            since = days[0] if days else of_one[-1].edition if said else date.min
            if on >= since:
                return of_one[0].trust
        return None

    def _trust(self, school: School, on: date) -> Who:
        trust = self.trust(school.urn, on)
        return DESK if trust is None else Who("trust", trust=trust)

    def _trust_contact(self, school: School, on: date) -> Who:
        trust = self.trust(school.urn, on)
        for post, role in (
            ("chief-executive", "trust-chief-executive"),
            ("school-improvement-partner", "school-improvement-partner"),
        ):
            for contact in self.held(Contact, on):
                if (contact.trust, contact.post) == (trust, post) and not self._heads(contact.person, school, on):
                    return Who(role, trust=trust, person=contact.person)
        return DESK

    def _system_leader(self, school: School, on: date) -> Who:
        for allocation in self.held(Allocation, on):
            if allocation.urn == school.urn and not self._heads(allocation.person, school, on):
                return Who("system-leader", person=allocation.person)
        return DESK

    def _officer(self, school: School, on: date) -> Who:
        """Chair, who acts as chair while there is none, deputy; none of them for the school that she heads."""
        bodies = [each.body for each in self.held(Member, on) if each.urn == school.urn and each.lead]
        terms = {each.post: each for each in self.held(Term, on) if each.body in bodies}
        chair = terms.get("chair") or terms.get("acting-chair")
        for term, role in ((chair, "chair"), (terms.get("deputy"), "deputy")):
            if term is not None and not self._heads(term.person, school, on):
                return Who(role, body=term.body, post=term.post, person=term.person)
        return DESK

    def _heads(self, person: str | None, school: School, on: date) -> bool:
        return any((each.person, each.urn) == (person, school.urn) for each in self.held(Headship, on))

    # -- reading the list --

    def school(self, urn: str) -> School | None:
        return next((each for each in reversed(self.all(School)) if each.urn == urn), None)

    def policy(self, authority: str, kind: str, on: date) -> Policy:
        """Whatever was adopted last, from this day or an earlier one: what had been planned for later is taken back."""
        adopted = [each for each in self.all(Policy) if (each.authority, each.kind) == (authority, kind)]
        standing = [each for each in adopted if each.start <= on]
        return standing[-1] if standing else Policy(on, authority, kind, NO_POLICY[kind], date.min)

    def thing(self, which: str) -> Any:
        """Something that is held, as it was said last and with its end."""
        found = next(each for kind in (Term, Allocation, Member) for each in self.all(kind) if each.id == which)
        return replace(found, until=self.ends.get(which, found.until))

    def behind(self, urn: str, on: date) -> list[str]:
        """The schools from which it inherits by the policy of that day."""
        school = self.school(urn)
        return self._line(urn, self.policy(school.authority, "category", on).inherit, ()) if school else []

    def all(self, kind: type[F]) -> list[F]:
        return self.facts[kind]

    def held(self, kind: type[H], on: date) -> Iterator[H]:
        for each in self.all(kind):
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
