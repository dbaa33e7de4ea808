"""What must be told: by the model, act by act and day by day; and what the product's outbox holds, in the same words."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from shared.contracts.envelope import read_envelope, unpack
from shared.store import UnitOfWork
from tests.bitemporal.facts import Allocation, Entry, Fact, Held, Member, Outcome, Term
from tests.bitemporal.model import DESK, MATTERS, Known, Who

A_DAY = timedelta(days=1)
FURTHEST_BACK = 15  # days; but for the register no act of the test is about an earlier one
Said = tuple[Any, ...]
BEGINS: dict[type[Held], str] = {
    Entry: "la-category.set",
    Allocation: "allocation.made",
    Term: "office.taken-up",
    Member: "school.joined-body",
}
ENDS: dict[type[Held], str] = {
    Entry: "la-category.lifted",
    Allocation: "allocation.ended",
    Term: "office.ended",
    Member: "school.left-body",
}


class Expected:
    """Follows the facts. In order for each school: what changed. In any order: which facts were told."""

    def __init__(self, facts: Sequence[Fact], schools: Sequence[str], today: date):
        self.schools = schools
        self.known = Known(facts)
        self.today = today
        # What was told last of each school's category: of one that is closed, or not open yet, nothing is told.
        self.categories = {urn: self.known.category(urn, today).value for urn in schools if self.known.open(urn, today)}
        self.category = {
            urn: self.known.category(urn, today).value if self.known.open(urn, today) else None for urn in schools
        }
        self.answered: dict[str, date] = {}  # the first day on which anybody was named for a school
        self._answer(today - A_DAY)
        self.begun: set[str] = set()
        self.over: dict[str, date] = {}
        self.changes: dict[str, list[Said]] = defaultdict(list)
        self.told: Counter[Said] = Counter()
        self._tell_facts(today)
        self.told.clear()  # that was the beginning

    def days(self, to: date) -> None:
        """Days pass, one after the other, with what is known.

        Whoever acts before the day's turn is done has her schools brought up to today, but not the offices and places of
        their bodies: those are told at the turn, as they are known then.
        """
        while self.today < to:
            before, self.today = self.today, self.today + A_DAY
            self._answer(self.today)
            self._tell_facts(self.today, (Entry, Allocation))
            for urn in self.schools:
                self._change(urn, self.known, before, self.known, self.today)

    def act(
        self, facts: Sequence[Fact], today: date, *, outcome: Fact | None = None, since: date | None = None
    ) -> None:
        """Something became known today. ``outcome``: it was that one. What it changes of today is told, and of the past."""
        before, self.known = self.known, Known(facts)
        self._answer(today)
        self._tell_facts(today)
        if isinstance(outcome, Outcome):
            self._tell_outcome(before, outcome, today)
        for urn in self.schools:
            self._change(urn, before, today, self.known, today)
            self._correct(urn, before, today, since or today - timedelta(days=FURTHEST_BACK))

    def _answer(self, today: date) -> None:
        for urn in self.schools:
            if self.known.speaker(urn, MATTERS[0], today) is not None:
                self.answered.setdefault(urn, today)

    def _change(self, urn: str, before: Known, then: date, after: Known, now: date) -> None:
        new = after.category(urn, now).value
        if after.open(urn, now) and (last_told := self.categories.get(urn)) != new:
            self.changes[urn].append(("category-in-force.changed", last_told, new))
            self.categories[urn] = new
        spoke = tuple(before.speaker(urn, matter, then) for matter in MATTERS)
        speak = tuple(after.speaker(urn, matter, now) for matter in MATTERS)
        if None not in speak and spoke != speak:
            self.changes[urn].append(("representation.reassigned", spoke, speak))

    def _correct(self, urn: str, before: Known, today: date, since: date) -> None:
        """One event for the days of the past, of those on which the school was answered, that are seen otherwise now."""
        since = max(since, self.answered.get(urn, today))
        past = [since + timedelta(days=number) for number in range((today - since).days)]
        wrong = [day for day in past if before.category(urn, day).value != self.known.category(urn, day).value]
        what = "category-in-force"
        if not wrong:
            what = "representation"
            wrong = [
                day
                for day in past
                if any(before.speaker(urn, matter, day) != self.known.speaker(urn, matter, day) for matter in MATTERS)
            ]
        if wrong:
            self.changes[urn].append(("history.corrected", what, str(wrong[0]), str(wrong[-1] + A_DAY)))

    def turn(self) -> None:
        self._tell_facts(self.today)

    def _tell_facts(self, today: date, kinds: Iterable[type[Held]] = (Entry, Allocation, Term, Member)) -> None:
        """Of whatever begins and ends: on its day, or when it becomes known. What never begins is never told.

        An end that was told and turns out to have been earlier is told again, with the right day.
        """
        for kind in kinds:
            for each in self.known.all(kind):
                end = self.known.ends.get(each.id, each.until)
                if each.id not in self.begun and each.start <= today and (end is None or each.start < end):
                    self.begun.add(each.id)
                    self.told[(BEGINS[kind], _named(each))] += 1
                if each.id in self.begun and end is not None and end <= today and self.over.get(each.id) != end:
                    self.over[each.id] = end
                    self.told[(ENDS[kind], _named(each))] += 1

    def _tell_outcome(self, before: Known, outcome: Outcome, today: date) -> None:
        old, new = before.believed().get(outcome.inspection), self.known.believed()[outcome.inspection]
        earlier = old is not None and outcome.source < old.source
        if earlier or (old is not None and (_same(old, new) or (old.withdrawn and new.withdrawn))):
            return  # an earlier source, one that says nothing new, or a file with what was taken back
        gone = old if old is not None and not old.withdrawn and (new.withdrawn or old.urn != new.urn) else None
        for urn in self.schools:
            if gone is not None and self._hears(urn, gone, before, today):
                self.told[("outcome.withdrawn", urn, gone.number)] += 1
            elif not new.withdrawn and self._hears(urn, new, self.known, today):
                self.told[("outcome.published", urn, new.number)] += 1

    def _hears(self, urn: str, outcome: Outcome, known: Known, today: date) -> bool:
        """The school that was inspected; where that is gone, the one that inherits."""
        if not self.known.open(urn, today):
            return False
        if outcome.urn == urn:
            return True
        heir = outcome.urn in self.known.predecessors(urn)
        counts = known.public_category(urn, today)
        return heir and not self.known.open(outcome.urn, today) and counts[1:] == ("inherited", outcome.number)

    def compare(self, told: "Told") -> list[str]:
        wrong = []
        for urn in self.schools:
            if told.changes[urn] != self.changes[urn]:
                wrong.append(f"{urn} was told {told.changes[urn]}, right is {self.changes[urn]}")
        wrong += [f"told, but not to be told: {said}" for said in (told.facts - self.told)]
        wrong += [f"to be told, but not told: {said}" for said in (self.told - told.facts)]
        self.changes.clear()
        self.told.clear()
        return wrong


def _named(each: Held) -> str:
    return f"{each.body}/{each.urn}" if isinstance(each, Member) else each.id


def _same(one: Outcome, other: Outcome) -> bool:
    def content(of: Outcome) -> Said:
        return (
            of.urn,
            of.started,
            of.published,
            of.headline,
            of.concern,
            of.quality,
            of.leadership,
            of.safe,
            of.withdrawn,
        )

    return content(one) == content(other)


class Told:
    def __init__(self) -> None:
        self.changes: dict[str, list[Said]] = defaultdict(list)
        self.facts: Counter[Said] = Counter()


SUBJECT = {
    "la-category.set": "entry_id",
    "la-category.lifted": "entry_id",
    "allocation.made": "allocation_id",
    "allocation.ended": "allocation_id",
    "office.taken-up": "term_id",
    "office.ended": "term_id",
}


async def read_outbox(uow: UnitOfWork, named: Callable[[object], str | None], posts: dict[str, str]) -> Told:
    """Everything that waits to be sent, in order, and taken away; in the model's words."""
    told = Told()
    rows = await uow.rows("delete from outbox returning id, headers, value")
    for row in sorted(rows, key=lambda row: row.id):
        if row.value is None:
            continue
        kind = read_envelope(unpack(row.headers)).type.split(".", 2)[2].rsplit(".v", 1)[0]
        data = json.loads(row.value)
        urn = named(data.get("urn")) or ""

        def who(told_of: dict[str, Any] | None) -> Who | None:
            if told_of is None or told_of["role"] == DESK.role:
                return DESK if told_of else None
            body, trust, person = (named(told_of[what]) for what in ("body_id", "trust_id", "person_id"))
            return Who(told_of["role"], body, posts.get(told_of["office_id"] or ""), trust, person)

        if kind == "category-in-force.changed":
            told.changes[urn].append((kind, data["before"], data["after"]))
        elif kind == "representation.reassigned":
            before, after = (tuple(who(data[f"{matter}_{when}"]) for matter in MATTERS) for when in ("before", "after"))
            told.changes[urn].append((kind, before, after))
        elif kind == "history.corrected":
            told.changes[urn].append((kind, data["what"], data["from_date"], data["until"]))
        elif kind in ("outcome.published", "outcome.withdrawn"):
            told.facts[(kind, urn, named(data["inspection_number"]))] += 1
        elif kind in ("school.joined-body", "school.left-body"):
            told.facts[(kind, f"{named(data['body_id'])}/{urn}")] += 1
        elif kind in SUBJECT:
            told.facts[(kind, named(data[SUBJECT[kind]]))] += 1
    return told
