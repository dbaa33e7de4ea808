"""What must be told: by the model, act by act and day by day (told.py reads what the product's outbox holds)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from tests.bitemporal.as_told import AsTold
from tests.bitemporal.facts import (
    Allocation,
    Answered,
    Entry,
    Fact,
    Headship,
    Held,
    KeptUntil,
    Member,
    Outcome,
    Override,
    Stays,
    Term,
)
from tests.bitemporal.model import MATTERS, Known, Who, says
from tests.bitemporal.told import Listed, Said, Told

A_DAY = timedelta(days=1)
FURTHEST_BACK = 15  # days; but for the register and corrections no act of the test is about an earlier one
# By what each is told to begin and to end. Of an override nothing leaves membership but who speaks.
BEGINS: dict[type[Held], str] = {
    Entry: "la-category.set",
    Allocation: "allocation.made",
    Term: "office.taken-up",
    Member: "school.joined-body",
    Headship: "headship.began",
}
ENDS: dict[type[Held], str] = {
    Entry: "la-category.lifted",
    Allocation: "allocation.ended",
    Term: "office.ended",
    Member: "school.left-body",
    Headship: "headship.ended",
}
INSIDE = (Entry, Allocation, Override)  # acts inside the council: the school has to be told first (R0.8)


class Answer(NamedTuple):
    """What is so of a school on a day, as far as others hear of it. ``public``: published outcomes give this category."""

    category: int | None
    public: bool
    speak: tuple[Who | None, ...]
    open: bool

    @staticmethod
    def of(known: Known, urn: str, on: date) -> "Answer":
        category = known.category(urn, on)
        public = category.value == known.public_category(urn, on).value and not category.restricted
        speak = tuple(known.speaker(urn, matter, on) for matter in MATTERS)
        return Answer(category.value, public, speak, known.open(urn, on))

    def after(self, last: "Answer") -> "Answer":
        """Of a school that is closed, or not open yet, no category is told: what was told last stays."""
        return self if self.open else self._replace(category=last.category)


class Expected:
    """Follows the facts. In order for each school: what changed. In any order: which facts were told."""

    def __init__(self, facts: list[Fact], schools: Sequence[str], today: date):
        self.facts = facts
        self.schools = schools
        self.known = Known(facts)
        self.today = today
        self.last = {urn: Answer.of(self.known, urn, today) for urn in schools}
        self.last = {urn: each if each.open else each._replace(category=None) for urn, each in self.last.items()}
        self.shown: dict[str, Answer] = {}  # what a school was told last that has something to be told
        self.as_told = AsTold(facts)
        self.held: dict[str, set[date]] = defaultdict(set)  # the days on which something was held back from a school
        self.now = today
        self.listed = {urn: self._listed(urn, today) for urn in schools}
        self.answered: dict[str, date] = {}  # the first day on which anybody was named for a school
        self._answer(today - A_DAY)
        self.proposed: dict[str, tuple[str, int | None]] = {}
        self.asked: set[Said] = set()
        self.open_asks: set[str] = set()  # of which entries an officer is asked
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
        self.now = to
        while self.today < to:
            self.today += A_DAY
            self._write_what_stays(self.today, to)
            self._answer(self.today)
            inside = self._tell_facts(self.today, INSIDE)
            for urn in inside:
                self._look(urn, self.today, inside=True)
            for each in self.known.all(Answered):
                if each.start == self.today:
                    self._begin(each)
            for urn in self.schools:
                self._look(urn, self.today)

    def act(
        self,
        facts: Sequence[Fact],
        today: date,
        *,
        outcome: Fact | None = None,
        since: date | None = None,
        corrects: str | None = None,
    ) -> None:
        """Something became known today. ``outcome``: it was that one. What it changes of today is told, and of the past.

        ``corrects``: what is said otherwise of something held that was told already.
        """
        before, self.known = self.known, Known(facts)
        self._write_what_stays(today, today)
        self._answer(today)
        inside = self._tell_correction(before, corrects, today) if corrects else set()
        inside |= self._tell_facts(today)
        if isinstance(outcome, Outcome):
            heard = self._tell_outcome(before, outcome, today)
        for urn in self.schools:
            self._look(urn, today, inside=urn in inside)
            if isinstance(outcome, Outcome) and heard:
                self._ask_by_outcome(urn, self.known.believed()[outcome.inspection], today)
            self._correct(urn, before, today, since or today - timedelta(days=FURTHEST_BACK))
        for each in self.known.all(Answered):
            if each not in before.all(Answered) and each.start == today:
                self._begin(each)
            if each not in before.all(Answered):
                self.proposed.pop(each.urn, None)

    def school_told(self, urn: str, on: date) -> None:
        """It was told on that day, so of what was held back by then; of nothing that was held back later."""
        held = self.held.pop(urn, set())
        later = {day for day in held if day > on}
        self.told[("school.told", urn, later != held, True)] += 1
        if not later:
            self.as_told.release(urn, self.known, self.now)
            self.shown.pop(urn, None)
            return
        self.held[urn] = later
        if later != held:
            self.as_told.release(urn, Known(self.facts, on), on)
            knows = Answer.of(self.as_told.known(urn, self.now), urn, self.now)
            self.shown[urn] = knows.after(self.shown[urn])

    # -- what is so of today --

    def _answer(self, today: date) -> None:
        for urn in self.schools:
            if self.known.speaker(urn, MATTERS[0], today) is not None:
                self.answered.setdefault(urn, today)

    def _write_what_stays(self, day: date, today: date) -> None:
        """On the day on which officers begin to be asked, what is in force is written down."""
        new = []
        for urn in self.schools:
            since = self.known.proposing_since(urn, day)
            if since is not None and (urn, since) not in {(each.urn, each.since) for each in self.known.all(Stays)}:
                stays = self.known.confirmed(urn, day, since)
                new.append(Stays(today, urn, since, stays.value, stays.because, stays.ref))
        if new:
            self.facts += new
            self.known = Known(self.facts)

    def _look(self, urn: str, today: date, *, inside: bool = False) -> None:
        """What changed since the school was looked at last; and as it was told, which may be something else (R0.8).

        What an act ``inside`` the council changes is held back, and so is a category that no published outcome gives.
        """
        last, new = self.last[urn], Answer.of(self.known, urn, today)
        told_last, told = last, new
        if urn in self.shown:
            told_last, told = self.shown[urn], Answer.of(self.as_told.known(urn, today), urn, today)
        news = told_last.category != told.category or told_last.speak[0] is None
        may_know = not inside and (told.public or not news)
        changes, apart = self.changes[urn], False
        if new.open and last.category != new.category:
            alike = may_know and (told_last.category, told.category) == (last.category, new.category)
            changes.append(("category-in-force.changed", last.category, new.category, alike))
            apart = not alike
        alike = may_know and (told_last.speak, told.speak) == (last.speak, new.speak)
        if may_know and None not in told.speak and told_last.speak != told.speak:
            kind = "representation.reassigned" if alike else "representation-as-told.changed"
            changes.append((kind, told_last.speak, told.speak, True))
        if not alike and None not in new.speak and last.speak != new.speak:
            changes.append(("representation.reassigned", last.speak, new.speak, False))
            apart = True
        if urn in self.shown and may_know:
            self.shown[urn] = told.after(told_last)
        if apart:
            self._wait(urn)
        self.last[urn] = new.after(last)
        self._propose(urn, today)

    def _wait(self, urn: str) -> None:
        """From now on the school has something to be told; until then it was told everything."""
        self.shown.setdefault(urn, self.last[urn])
        self.held[urn].add(self.now)

    def _propose(self, urn: str, today: date) -> None:
        asked = self.known.proposes(urn, today)
        if asked is None:
            self.proposed.pop(urn, None)
        elif self.proposed.get(urn) != asked:
            self.proposed[urn] = asked
            self.told[("category.proposed", urn, False)] += 1

    def _begin(self, confirmed: Answered) -> None:
        """What an officer has confirmed is in force: the school hears of it first where no published outcome gives it."""
        self._look(confirmed.urn, self.today)
        category = self.known.category(confirmed.urn, self.today)
        if category.ref == confirmed.id and not Answer.of(self.known, confirmed.urn, self.today).public:
            self.as_told.unknown.add(confirmed.id)
            self._wait(confirmed.urn)

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
            told = urn not in self.shown
            self.changes[urn].append(("history.corrected", what, str(wrong[0]), str(wrong[-1] + A_DAY), told))
            if not told:
                self._wait(urn)

    # -- facts that are told as they are --

    def turn(self) -> None:
        self._tell_facts(self.today)
        for entry in self.known.all(Entry):
            review = self._review(entry)
            if review is not None and entry.start <= review <= self.today and entry.id not in self.known.ends:
                self._ask(entry, "review-date", review)

    def _review(self, entry: Entry) -> date | None:
        kept = [each.review for each in self.known.all(KeptUntil) if each.which == entry.id]
        return kept[-1] if kept else entry.review

    def _ask_by_outcome(self, urn: str, outcome: Outcome, today: date) -> None:
        """Shall an entry stand, now that a later outcome is published, its own or one that it inherits?"""
        if outcome.withdrawn or says(outcome) is None or not self._counts_for(urn, outcome, today):
            return
        for entry in self.known.held(Entry, today):
            if entry.urn == urn and entry.id not in self.known.ends and outcome.published > entry.start:
                self._ask(entry, "outcome", outcome.published)

    def _counts_for(self, urn: str, outcome: Outcome, today: date) -> bool:
        if outcome.urn == urn:
            return True
        own = [each for each in self.known.believed().values() if each.urn == urn and not each.withdrawn and says(each)]
        return not own and outcome.urn in self.known.behind(urn, today)

    def _ask(self, entry: Entry, cause: str, on: date) -> None:
        """Once a cause and its day."""
        if (entry.id, cause, on) not in self.asked:
            self.asked.add((entry.id, cause, on))
            self.open_asks.add(entry.id)
            self.told[("la-category.review-due", entry.id, False)] += 1

    def _tell_facts(self, today: date, kinds: Iterable[type[Held]] = (*INSIDE, Term, Member, Headship)) -> set[str]:
        """Of whatever begins and ends: on its day, or when it becomes known. What never begins is never told.

        An end that was told and turns out to have been earlier is told again, with the right day. The schools that have
        to be told of any of it first.
        """
        inside: set[str] = set()
        for kind in kinds:
            for each in self.known.all(kind):
                end = self.known.ends.get(each.id, each.until)
                if each.id not in self.begun and each.start <= today and (end is None or each.start < end):
                    self.begun.add(each.id)
                    self._tell(BEGINS.get(kind), each, each.start, today)
                    inside |= self._held_back(each)
                if each.id in self.begun and end is not None and end <= today and self.over.get(each.id) != end:
                    self.over[each.id] = end
                    self._tell(ENDS.get(kind), each, end, today)
                    if not isinstance(each, Override) or each.id in self.known.ends:  # it expires as was said at first
                        inside |= self._held_back(each)
                if each.id in self.known.ends and isinstance(each, Entry):
                    self.open_asks.discard(each.id)
        return inside

    def _tell(self, kind: str | None, each: Held, on: date, today: date) -> None:
        if kind is not None:
            self.told[(kind, named(each), str(on), not isinstance(each, INSIDE))] += 1
        if kind == BEGINS[Headship] and isinstance(each, Headship):
            for term in self.known.held(Term, today):
                if term.person == each.person:
                    self.told[("office-holder.moved-school", term.id, True)] += 1

    def _held_back(self, each: Held) -> set[str]:
        if not isinstance(each, Entry | Allocation | Override):
            return set()
        self._wait(each.urn)
        return {each.urn}

    def _tell_correction(self, before: Known, which: str, today: date) -> set[str]:
        """What was told is put right; what lay ahead was told to nobody, and is told as if it had been entered so."""
        old, new = before.thing(which), self.known.thing(which)
        if old.start > today:
            return set()
        never = new.until == new.start or new.start > today
        self.begun.discard(which)
        self.over.pop(which, None)
        if not never:
            self.begun.add(which)
            if new.until is not None and new.until <= today:
                self.over[which] = new.until
        if isinstance(new, Term):
            right = None if never else (new.person, str(new.start), str(new.until))
            self.told[("office.corrected", which, right, True)] += 1
        elif isinstance(new, Allocation):
            right = None if never else (new.person, str(new.start), str(new.until))
            self.told[("allocation.corrected", which, right, False)] += 1
        return self._held_back(new)

    def _tell_outcome(self, before: Known, outcome: Outcome, today: date) -> bool:
        """Whether it was news."""
        old, new = before.believed().get(outcome.inspection), self.known.believed()[outcome.inspection]
        earlier = old is not None and outcome.source < old.source
        if earlier or (old is not None and (_same(old, new) or (old.withdrawn and new.withdrawn))):
            return False  # an earlier source, one that says nothing new, or a file with what was taken back
        gone = old if old is not None and not old.withdrawn and (new.withdrawn or old.urn != new.urn) else None
        for urn in self.schools:
            if gone is not None and self._hears(urn, gone, before, today):
                self.told[("outcome.withdrawn", urn, gone.number, True)] += 1
            elif not new.withdrawn and self._hears(urn, new, self.known, today):
                self.told[("outcome.published", urn, new.number, True)] += 1
        return True

    def _hears(self, urn: str, outcome: Outcome, known: Known, today: date) -> bool:
        """The school that was inspected; where that is gone, the one that inherits."""
        if not self.known.open(urn, today):
            return False
        if outcome.urn == urn:
            return True
        heir = outcome.urn in self.known.predecessors(urn)
        counts = known.public_category(urn, today)
        return heir and not self.known.open(outcome.urn, today) and counts[1:] == ("inherited", outcome.number)

    def _listed(self, urn: str, today: date) -> Listed:
        school = self.known.school(urn)
        return Listed(self.known.open(urn, today), self.known.trust(urn, today), school.closed if school else None)

    def compare(self, told: Told) -> list[str]:
        wrong = [f"told, of which the model knows nothing: {kind}" for kind in told.unknown]
        for urn in self.schools:
            if told.changes[urn] != self.changes[urn]:
                wrong.append(f"{urn} was told {told.changes[urn]}, right is {self.changes[urn]}")
            for each in told.listed[urn]:
                if each == self.listed[urn]:
                    wrong.append(f"{urn} was recorded as {each} and is recorded as the same again")
                self.listed[urn] = each
            if self.listed[urn] != (right := self._listed(urn, self.today)):
                wrong.append(f"{urn} is recorded as {self.listed[urn]}, right is {right}")
            if told.proposed.get(urn) != self.proposed.get(urn):
                wrong.append(f"{urn}: officers are asked {told.proposed.get(urn)}, right is {self.proposed.get(urn)}")
        if told.waiting != self.held:
            wrong.append(f"held back since {told.waiting}, right is {dict(self.held)}")
        wrong += [f"told, but not to be told: {said}" for said in (told.facts - self.told)]
        wrong += [f"to be told, but not told: {said}" for said in (self.told - told.facts)]
        self.changes.clear()
        self.told.clear()
        return wrong


def named(each: Held) -> str:
    if isinstance(each, Member):
        return f"{each.body}/{each.urn}"
    return f"{each.person}/{each.urn}" if isinstance(each, Headship) else each.id


def _same(one: Outcome, other: Outcome) -> bool:
    """Of one inspection: whether they say the same, whatever said so and when."""
    return replace(one, known=other.known, source=other.source, by_file=other.by_file) == other
