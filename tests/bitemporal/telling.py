"""What must be told: by the model, act by act and day by day (told.py reads what the product's outbox holds)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from tests.bitemporal.answer import CLASSES, PUBLIC, Answer
from tests.bitemporal.as_told import AsTold
from tests.bitemporal.facts import Answered, BodyCloses, Fact, Headship, Outcome, Stays
from tests.bitemporal.model import MATTERS, Known
from tests.bitemporal.telling_calls import TellingCalls
from tests.bitemporal.telling_facts import BEGINS, BEGUN_BY, OfHeads, named
from tests.bitemporal.telling_places import PlacesTold
from tests.bitemporal.told import Listed, Said, Told

A_DAY = timedelta(days=1)
FURTHEST_BACK = 15  # days; but for registers, outcomes and corrections no act of the test is about an earlier one


class Expected(TellingCalls):
    """Follows the facts. In order for each school: what changed. In any order: which facts were told."""

    def __init__(self, facts: list[Fact], schools: Sequence[str], today: date):
        super().__init__(schools, Known(facts))
        self.facts = facts
        self.today = today
        self.last = {urn: Answer.of(self.known, urn, today) for urn in schools}
        self.last = {
            urn: each if each.open else each._replace(category=None, public=True) for urn, each in self.last.items()
        }
        self.shown = {}  # what a school was told last that has something to be told
        self.as_told = AsTold(facts)
        self.calls = []
        self.held: dict[str, set[date]] = defaultdict(set)  # of which days the acts are that a school waits for
        self.listed = {urn: self._listed(urn, today) for urn in schools}
        self.answered: dict[str, date] = {}  # the first day on which anybody was named for a school
        self._answer(today - A_DAY)
        self.proposed: dict[str, tuple[str, int | None]] = {}
        self.changes: dict[str, list[Said]] = defaultdict(list)
        self.heard_of = {(BEGINS[type(each)], named(each)) for kind in BEGINS for each in self.known.all(kind)}
        self.tell_facts(today)
        self.ask_by_links(today)
        self.moves.clear()
        self.places = PlacesTold(self.known, today)
        self.told.clear()  # that was the beginning

    def days(self, to: date) -> None:
        """Days pass, one after the other, with what is known.

        Whoever acts before the day's turn is done has whatever she changes brought up to today first.
        """
        while self.today < to:
            self.today += A_DAY
            self._write_what_stays(self.today, to)
            self._answer(self.today)
            self.ask_where_it_opens(self.today)
            inside = self.tell_facts(self.today, of_the_day=True)
            for urn in inside:
                self._wait(urn)
                self._look(urn, self.today, inside=True)
            for each in self.known.all(Answered):
                if each.start == self.today:
                    self._begin(each)
            for urn in self.schools:
                self._look(urn, self.today)
            self.ask_by_links(self.today)

    def act(
        self,
        facts: Sequence[Fact],
        today: date,
        *,
        outcome: Fact | None = None,
        since: date | None = None,
        corrects: Sequence[str] = (),
        moves: Mapping[str, date | None] | None = None,
        heads: OfHeads | None = None,
        later: Collection[str] = (),
    ) -> None:
        """Something became known today. ``outcome``: it was that one. What it changes of today is told, and of the past.

        ``corrects``: of what is said otherwise than it was told, or would have been. ``moves``: what ends otherwise by that,
        with the end that it had. ``heads``: of whom it says since when they headed what, but for moves.
        ``later``: what is so of these schools today is told when what follows is written.
        """
        before, self.known = self.known, Known(facts)
        newly = [each for each in self.known.all(Headship) if each not in before.all(Headship)]
        moved = {each.person for each in newly if each.moved}
        heads = heads or OfHeads((), today)
        self.tell_moves(before, {*moved, *(heads.people if heads.due_first else ())})
        self._write_what_stays(today, today)
        self._answer(today)
        inside = {urn for which in corrects for urn in self.tell_correction(which, today)}
        for which, old in (moves or {}).items():
            self.tell_moved_end(which, old, today)
        inside |= self.tell_facts(today)
        self.tell_schools_of_offices(before, heads, today)
        for each in self.known.all(BodyCloses)[len(before.all(BodyCloses)) :]:
            self.say("body.recorded", each.body, str(each.on))
        self.tell_moves(self.known, moved)
        for urn in inside:
            self._wait(urn)
        if isinstance(outcome, Outcome):
            heard = self.tell_outcome(before, outcome, today)
        for urn in self.schools:
            if urn not in later:
                self._look(urn, today, inside=urn in inside)
            if isinstance(outcome, Outcome) and heard:
                self.ask_by_outcome(urn, self.known.believed()[outcome.inspection], today)
            self._correct(urn, before, today, since or today - timedelta(days=FURTHEST_BACK))
        self.ask_by_links(today)
        for each in self.known.all(Answered):
            if each not in before.all(Answered) and each.start == today:
                self._begin(each)
            if each not in before.all(Answered):
                self.proposed.pop(each.urn, None)

    def school_told(self, urn: str, on: date) -> None:
        """It was told on that day, so of what was held back by then; of nothing that was held back later."""
        held = self.held.pop(urn, set())
        later = {day for day in held if day > on}
        self.say("school.told", urn, later != held)
        if not later:
            self.as_told.release(urn, self.known, self.today)
            self.shown.pop(urn, None)
            return
        self.held[urn] = later
        if later != held:
            self.as_told.release(urn, Known(self.facts, on), on)
            knows = Answer.of(self.as_told.known(urn, self.today), urn, self.today)
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
            if since is None or since == date.min:  # where it was always so there is nothing to write down
                continue
            if (urn, since) not in {(each.urn, each.since) for each in self.known.all(Stays)}:
                new.append(Stays(today, urn, since, *self.known.stood(urn, since)))
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
        alike = may_know and (told_last.category, told.category) == (last.category, new.category)
        if may_know and not alike and new.open and told_last.category != told.category:
            restricted = CLASSES["category-as-told.changed"]
            changes.append(("category-as-told.changed", told_last.category, told.category, True, restricted))
        if new.open and last.category != new.category:
            to = new.category_class(last, told=alike)
            changes.append(("category-in-force.changed", last.category, new.category, alike, to))
            apart = not alike
        alike = may_know and (told_last.speak, told.speak) == (last.speak, new.speak)
        if may_know and None not in told.speak and told_last.speak != told.speak:
            kind = "representation.reassigned" if alike else "representation-as-told.changed"
            changes.append((kind, told_last.speak, told.speak, True, told.speakers_class(told_last, told=True)))
        if not alike and None not in new.speak and last.speak != new.speak:
            to = new.speakers_class(last, told=False)
            changes.append(("representation.reassigned", last.speak, new.speak, False, to))
            apart = True
        if urn in self.shown and may_know:
            self.shown[urn] = told.after(told_last)
        if apart:
            self._wait(urn)
        self.last[urn] = new.after(last)
        begun = self._begun_before(urn, today) if new.open and last.category != new.category else None
        if begun is not None and apart and not new.public:
            self.as_told.unknown.add((urn, begun.id))
            self._look(urn, today)  # what else is so from this day on it knows
        self._propose(urn, today)

    def _wait(self, urn: str) -> None:
        """From this day on the school has something to be told; until then it was told everything."""
        self.shown.setdefault(urn, self.last[urn])
        self.held[urn].add(self.today)

    def _propose(self, urn: str, today: date) -> None:
        asked = self.known.proposes(urn, today)
        if asked is None:
            self.proposed.pop(urn, None)
        elif self.proposed.get(urn) != asked:
            self.proposed[urn] = asked
            self.say("category.proposed", urn, told=False)

    def _begin(self, confirmed: Answered) -> None:
        """What an officer has confirmed is in force: the school hears of it first where no published outcome gives it."""
        self._look(confirmed.urn, self.today)
        category = self.known.category(confirmed.urn, self.today)
        if category.ref == confirmed.id and not Answer.of(self.known, confirmed.urn, self.today).public:
            self.as_told.unknown.add((confirmed.urn, confirmed.id))
            self._wait(confirmed.urn)

    def _begun_before(self, urn: str, today: date) -> Answered | None:
        """What is in force for it from this day on, as an officer confirmed it for one of the schools before it."""
        ref = self.known.category(urn, today).ref
        begun = [each for each in self.known.all(Answered) if (each.id, each.start) == (ref, today)]
        return next((each for each in begun if each.urn != urn), None)

    def _correct(self, urn: str, before: Known, today: date, since: date) -> None:
        """One event for each run of days of the past, of those on which the school was answered, that are seen otherwise now."""
        since = max(since, self.answered.get(urn, today))
        runs: list[tuple[str, date, date]] = []
        for day in (since + timedelta(days=number) for number in range((today - since).days)):
            what = self._seen_otherwise(urn, before, day)
            if what and runs and (runs[-1][0], runs[-1][2]) == (what, day):
                runs[-1] = (what, runs[-1][1], day + A_DAY)
            elif what:
                runs.append((what, day, day + A_DAY))
        told = urn not in self.shown
        for what, start, until in runs:
            said = ("history.corrected", what, str(start), str(until), told, CLASSES["history.corrected"])
            self.changes[urn].append(said)
        if runs and not told:
            self._wait(urn)

    def _seen_otherwise(self, urn: str, before: Known, day: date) -> str | None:
        is_open = before.open(urn, day) or self.known.open(urn, day)
        if is_open and before.category(urn, day).value != self.known.category(urn, day).value:
            return "category-in-force"
        speakers = [(before.speaker(urn, matter, day), self.known.speaker(urn, matter, day)) for matter in MATTERS]
        return "representation" if any(old != new for old, new in speakers) else None

    def _listed(self, urn: str, today: date) -> Listed:
        school = self.known.school(urn)
        closed = school.closed if school else None
        trust = self.known.trust(urn, today)
        return Listed(
            self.known.open(urn, today), trust, closed, school.type if school else "", True, CLASSES["school.recorded"]
        )

    def _out_of_order(self, told: Told) -> list[str]:
        """Whoever hears that something is over has heard that it began: by the order in which it is told."""
        wrong = []
        for kind, which in told.edges:
            if kind in BEGINS.values():
                self.heard_of.add((kind, which))
            elif (BEGUN_BY[kind], which) not in self.heard_of:
                wrong.append(f"{kind} of {which}, of which nobody has heard that it began")
        return wrong

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
        wrong += self._out_of_order(told)
        wrong += [said for said in map(self.places.hear, told.places) if said]
        wrong += [f"{each} is public" for each in told.places if (each.told, each.of_class) != (True, PUBLIC)]
        wrong += self.places.differ(self.known, self.today)
        if told.waiting != self.held:
            wrong.append(f"held back since {told.waiting}, right is {dict(self.held)}")
        wrong += [f"told, but not to be told: {said}" for said in (told.facts - self.told - self.perhaps)]
        wrong += [f"to be told, but not told: {said}" for said in (self.told - told.facts)]
        self.changes.clear()
        self.told.clear()
        self.perhaps.clear()
        return wrong
