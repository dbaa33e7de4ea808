"""Facts that must be told as they are: what begins and ends, what is corrected, outcomes, and what officers are asked."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.bitemporal.answer import CLASSES
from tests.bitemporal.asked_of_entries import AskedOfEntries
from tests.bitemporal.facts import Allocation, Entry, Headship, Held, KeptUntil, Outcome, Override, Term
from tests.bitemporal.model import Known, says
from tests.bitemporal.told import Said

A_DAY = timedelta(days=1)
# By what each is told to begin and to end. Of an override nothing leaves membership but who speaks.
BEGINS: dict[type[Held], str] = {
    Entry: "la-category.set",
    Allocation: "allocation.made",
    Term: "office.taken-up",
    Headship: "headship.began",
}
ENDS: dict[type[Held], str] = {
    Entry: "la-category.lifted",
    Allocation: "allocation.ended",
    Term: "office.ended",
    Headship: "headship.ended",
}
BEGUN_BY = {ENDS[kind]: BEGINS[kind] for kind in BEGINS}
EVERYTHING = (Entry, Allocation, Override, Term, Headship)
INSIDE = (Entry, Allocation, Override)  # acts inside the council: the school has to be told first (R0.8)


class Moves(NamedTuple):
    """On that day she moves, as a head; or else it begins or ends on it that she heads a school."""

    head: Headship
    day: date
    how: str


class OfHeads(NamedTuple):
    """Of whom an act says since when they headed what. ``due_first``: what is due of them is told before."""

    people: Collection[str]
    since: date
    due_first: bool = True


class TellingFacts:
    """In any order: which facts were told. Of an act inside the council it says which schools have to hear of it first."""

    def __init__(self, schools: Sequence[str], known: Known):
        self.schools = schools
        self.known = known
        self.of_entries = AskedOfEntries()
        self.reviewed: set[tuple[str, date]] = set()  # review dates that had come when a day was turned
        self.missed: set[tuple[str, tuple[str, str], date]] = set()  # outcomes that came while the school was closed
        self.counting: set[tuple[str, str]] = set()  # which school inherits from which
        self.begun_links: set[tuple[str, str]] = set()
        self.begun: set[str] = set()
        self.over: dict[str, date] = {}
        self.said_end: dict[str, date | None] = {}  # of what has begun: the end that was told with it
        self.told: Counter[Said] = Counter()
        self.perhaps: Counter[Said] = Counter()
        self.moves: list[Moves] = []  # of heads whose offices are still to be told to go with another school

    def say(self, kind: str, *what: Any, told: bool = True) -> None:
        self.told[(kind, *what, told, CLASSES[kind])] += 1

    def turn(self) -> None:
        self.tell_moves(self.known, {each.head.person for each in self.moves})
        for entry, review in self._reviews_that_came(self.today):
            day = self.today if (entry.id, review) in self.reviewed else review
            if self.known.open(entry.urn, day) or self.known.open(entry.urn, self.today):
                self._ask_review(entry, review)
            self.reviewed.add((entry.id, review))
        self._ask_what_was_missed(self.today)

    def ask_where_it_opens(self, today: date) -> None:
        """Of a review date that came while the school was closed, or not open yet, an officer is asked when it is open."""
        for entry, review in self._reviews_that_came(today):
            if self.known.open(entry.urn, today) and not self.known.open(entry.urn, today - A_DAY):
                self._ask_review(entry, review)
        self._ask_what_was_missed(today)

    def _ask_what_was_missed(self, today: date) -> None:
        """Of an outcome that came while the school was closed, or not open yet, when it is open: of entries made before it came."""
        for urn, inspection, came in [each for each in self.missed if self.known.open(each[0], today)]:
            self.ask_by_outcome(urn, self.known.believed()[inspection], today, made_by=came)
            self.missed.remove((urn, inspection, came))

    def _reviews_that_came(self, today: date) -> Iterator[tuple[Entry, date]]:
        for entry in self.known.all(Entry):
            review = self.review(entry)
            if review is not None and entry.start <= review <= today and entry.id not in self.known.ends:
                yield entry, review

    def review(self, entry: Entry) -> date | None:
        kept = [each.review for each in self.known.all(KeptUntil) if each.which == entry.id]
        return kept[-1] if kept else entry.review

    def ask_by_outcome(self, urn: str, outcome: Outcome, today: date, *, made_by: date = date.max) -> None:
        """Shall an entry stand, now that a later outcome is published, its own or one that it inherits?"""
        if not self.known.open(urn, today):
            self.missed.add((urn, outcome.inspection, today))
            return
        counts_from = self._counts_from(urn, outcome, today)
        if outcome.withdrawn or says(outcome) is None or counts_from is None:
            return
        known = next(each.known for each in self.known.all(Outcome) if each.inspection == outcome.inspection)
        believed = self.known.believed()
        for entry in self.known.held(Entry, today):
            # Of one day the one that was recorded later.
            is_later = (counts_from, known) >= (entry.start, entry.known)
            concerns = entry.urn == urn and entry.id not in self.known.ends and is_later and entry.known <= made_by
            if concerns and self.of_entries.ask_by(entry.id, outcome, believed):
                self.say("la-category.review-due", entry.id, told=False)

    def _counts_from(self, urn: str, outcome: Outcome, today: date) -> date | None:
        own = [each for each in self.known.believed().values() if each.urn == urn and not each.withdrawn and says(each)]
        since = date.min if outcome.urn == urn else None if own else self.known.behind(urn, outcome.urn, today)
        return None if since is None else max(since, outcome.published)

    def ask_by_links(self, today: date) -> None:
        """Of what counts by a link that came, or whose day has come, since this was asked last."""
        outcomes = list(self.known.believed().values())
        behind = {(urn, of) for urn in self.schools for of in {each.urn for each in outcomes} - {urn}}
        counting = {(urn, of) for urn, of in behind if self.known.behind(urn, of, today) is not None}
        begun = self.known.begun(today)
        new, is_linked = counting - self.counting, not begun <= self.begun_links
        self.counting, self.begun_links = counting, begun
        for urn, of in sorted(new) if is_linked else ():
            for outcome in outcomes:
                if outcome.urn == of and self.known.open(urn, today):
                    self.ask_by_outcome(urn, outcome, today)

    def _ask_review(self, entry: Entry, on: date) -> None:
        if self.of_entries.ask(entry.id, "review-date", on):
            self.say("la-category.review-due", entry.id, told=False)

    def _may_ask_review(self, entry: Entry, on: date) -> None:
        """On its review date, before the day is turned, somebody ends it: whether she was asked depends on who is first."""
        if self.of_entries.ask(entry.id, "review-date", on, over=True):
            self.perhaps[("la-category.review-due", entry.id, False, CLASSES["la-category.review-due"])] += 1

    def is_asked(self, entry: Entry) -> bool:
        """Whether an officer is asked at present if it shall stand."""
        return entry.id not in self.known.ends and bool(self.of_entries.open(entry.id, self.known.believed()))

    def tell_facts(self, today: date, *, of_the_day: bool = False) -> set[str]:
        """Of whatever begins and ends: on its day, or when it becomes known. What never begins is never told.

        An end that was told and turns out to have been earlier is told again, with the right day. The schools that have
        to be told of any of it first. ``of_the_day``: it was known before that it would come.
        """
        inside: set[str] = set()
        for kind in EVERYTHING:
            for each in self.known.all(kind):
                end = self.known.until(each)
                if each.id not in self.begun and each.start <= today and (end is None or each.start < end):
                    self.begun.add(each.id)
                    self.said_end[each.id] = end
                    self._tell(BEGINS.get(kind), each, each.start, today)
                    inside |= self._held_back(each)
                if each.id in self.begun and end is not None and end <= today and self.over.get(each.id) != end:
                    self.over[each.id] = end
                    self._tell(ENDS.get(kind), each, end, today)
                    if of_the_day and isinstance(each, Headship):
                        self.moves.append(Moves(each, today, "ends"))
                    if not isinstance(each, Override) or each.id in self.known.ends:  # it expires as was said at first
                        inside |= self._held_back(each)
                if each.id in self.known.ends and isinstance(each, Entry):
                    self.of_entries.forget(each.id)
                    review = self.review(each)
                    if review is not None and each.start <= review <= today:
                        self._may_ask_review(each, review)
        return inside

    def _tell(self, kind: str | None, each: Held, on: date, today: date) -> None:
        if kind is not None:
            self.say(kind, named(each), str(on), told=not isinstance(each, INSIDE))
        if kind == BEGINS[Term] and isinstance(each, Term):
            self._tell_schools_since(each, today)
        if kind == BEGINS[Headship] and isinstance(each, Headship) and (each.moved or each.known < each.start):
            self.moves.append(Moves(each, today, "moves" if each.moved else "begins"))

    def tell_moves(self, known: Known, people: Collection[str]) -> None:
        """Whatever office she holds on the day goes with her: as it is known when the move is told."""
        for each in [each for each in self.moves if each.head.person in people]:
            self.moves.remove(each)
            for term in known.held(Term, each.day):
                if term.person == each.head.person and (
                    each.how == "moves" or self._goes_with_another(known, each, term)
                ):
                    self.say("office-holder.moved-school", term.id)

    def _goes_with_another(self, known: Known, told: Moves, term: Term) -> bool:
        """Whoever moved nowhere on that day may head another school from it on, or none. Her move tells it by itself, and
        so does what ended beside what begins."""
        person, day = told.head.person, told.day
        hers = [each for each in known.all(Headship) if each.person == person and known.until(each) != each.start]
        if told.how == "begins" and any(known.until(each) == day for each in hers):
            return False
        if told.how == "ends" and any(
            (each.moved, each.left, each.start) == (True, told.head.urn, day) for each in hers
        ):
            return False
        return term.start < day and self.headed(known, person, day - A_DAY) != self.headed(known, person, day)

    def _tell_schools_since(self, term: Term, today: date) -> None:
        """Of a term that began earlier: each other school with which it went, but for a move that is still to be told."""
        by_themselves = {each.day for each in self.moves if each.head.person == term.person}
        for day in self._changes_of_school(self.known, term, today):
            if day not in by_themselves:
                self.say("office-holder.moved-school", term.id)

    def begins_again(self, head: Headship) -> None:
        """It was told that she leaves, and her leaving is put right: she is told to head the school, and to leave anew."""
        if self.over.pop(head.id, None) is not None:
            self.say(BEGINS[Headship], named(head), str(head.start))

    def tell_schools_of_offices(self, before: Known, heads: OfHeads, today: date) -> None:
        """Whatever office they were told to hold goes with another school: from today on, or on days that have gone."""
        for term in before.all(Term):
            if term.person not in heads.people or term.id not in self.begun:
                continue
            if self._schools(before, term, today) == self._schools(self.known, term, today):
                continue
            if heads.since == today and term in before.held(Term, today):
                self.say("office-holder.moved-school", term.id)
            else:
                self.say("office.corrected", term.id, (term.person, str(term.start), str(before.until(term))))

    def _schools(self, known: Known, term: Term, today: date) -> list[tuple[date, str | None]]:
        """Those that the holder headed in it, on its first day and whenever it was another one."""
        days = [term.start, *self._changes_of_school(known, term, today)]
        return [(day, self.headed(known, term.person, day)) for day in days]

    def _changes_of_school(self, known: Known, term: Term, today: date) -> Iterator[date]:
        until = known.until(term)
        day = term.start + A_DAY
        while day <= today and (until is None or day < until):
            if self.headed(known, term.person, day) != self.headed(known, term.person, day - A_DAY):
                yield day
            day += A_DAY

    def headed(self, known: Known, person: str, day: date) -> str | None:
        """The school that she heads; of several the one that she has headed longest."""
        hers = [
            (each.start, self.schools.index(each.urn)) for each in known.held(Headship, day) if each.person == person
        ]
        return self.schools[min(hers)[1]] if hers else None

    def _held_back(self, each: Held) -> set[str]:
        return {each.urn} if isinstance(each, Entry | Allocation | Override) else set()

    def tell_moved_end(self, which: str, old: date | None, today: date) -> None:
        """It ends on another day, or not, since something else does: nobody need know of an end that lies ahead."""
        ends = self.known.until(self.known.thing(which))
        known = which in self.over or (old is not None and self.said_end.get(which) == old)
        if known or (ends is not None and ends <= today):
            self.tell_correction(which, today)

    def tell_correction(self, which: str, today: date) -> set[str]:
        """What was told is put right; of what was told to nobody yet, nobody hears but how it is now."""
        new = self.known.thing(which)
        new = replace(new, until=self.known.until(new))
        if which not in self.begun:
            return set()
        never = new.until == new.start or new.start > today
        self.begun.discard(which)
        self.over.pop(which, None)
        if not never:
            self.begun.add(which)
            self.said_end[which] = new.until
            if new.until is not None and new.until <= today:
                self.over[which] = new.until
        if isinstance(new, Term):
            right = None if never else (new.person, str(new.start), str(new.until))
            self.say("office.corrected", which, right)
        elif isinstance(new, Allocation):
            right = None if never else (new.person, str(new.start), str(new.until))
            self.say("allocation.corrected", which, right, told=False)
        return self._held_back(new)

    def tell_outcome(self, before: Known, outcome: Outcome, today: date) -> bool:
        """Whether it was news."""
        old, new = before.believed().get(outcome.inspection), self.known.believed()[outcome.inspection]
        earlier = old is not None and outcome.source < old.source
        if earlier or (old is not None and (_same(old, new) or (old.withdrawn and new.withdrawn))):
            return False  # an earlier source, one that says nothing new, or a file with what was taken back
        gone = old if old is not None and not old.withdrawn and (new.withdrawn or old.urn != new.urn) else None
        corrected = old if old is not None and gone is None and not (old.withdrawn or new.withdrawn) else None
        for urn in self.schools:
            heard = corrected is not None and self._hears(urn, corrected, before, today)
            if heard or (not new.withdrawn and self._hears(urn, new, self.known, today)):
                self.say("outcome.published", urn, new.number)  # where it counts on, as what it is now
            elif gone is not None and self._hears(urn, gone, before, today):
                self.say("outcome.withdrawn", urn, gone.number)
        return True

    def _hears(self, urn: str, outcome: Outcome, known: Known, today: date) -> bool:
        """The school that was inspected; where that is gone, the one that inherits."""
        if not self.known.open(urn, today):
            return False
        if outcome.urn == urn:
            return True
        heir = outcome.urn in self.known.predecessors(urn)
        counts = known.public_category(urn, today)
        return heir and not self.known.open(outcome.urn, today) and counts.says[1:] == ("inherited", outcome.number)


def named(each: Held) -> str:
    return f"{each.person}/{each.urn}" if isinstance(each, Headship) else each.id


def _same(one: Outcome, other: Outcome) -> bool:
    """Of one inspection: whether they say the same, whatever said so and when."""
    return replace(one, known=other.known, source=other.source, by_file=other.by_file) == other
