"""The category in force, said a second time: outcomes, what is inherited, entries, what officers confirm (R0.1)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from tests.bitemporal.facts import Answered, Continues, Entry, Fact, Outcome, Stays
from tests.bitemporal.reading import TYPES, once
from tests.bitemporal.register import Register

A_DAY = timedelta(days=1)


class Category(NamedTuple):
    """None: nothing that was published says anything. ``because``: outcome, inherited, la-category, proposal or nothing.

    ``begins``: the day from which it is true.
    """

    value: int | None
    because: str = "nothing"
    ref: str = ""
    begins: date = date.min

    @property
    def says(self) -> tuple[int | None, str, str]:
        return self[:3]

    @property
    def restricted(self) -> bool:
        return self.because == "la-category"


class Categories(Register):
    def __init__(self, facts: Iterable[Fact], known: date = date.max):
        super().__init__(facts, known)
        self._believed: dict[tuple[str, str], Outcome] | None = None  # worked out once

    @once
    def category(self, urn: str, on: date) -> Category:
        entries = [entry for entry in self.held(Entry, on) if entry.urn == urn]
        if entries:
            latest = max(entries, key=lambda entry: entry.start)
            latest = [entry for entry in entries if entry.start == latest.start][-1]
            return Category(latest.category, "la-category", latest.id, latest.start)
        since = self.proposing_since(urn, on)
        return self.public_category(urn, on) if since is None else self.confirmed(urn, on, since)

    @once
    def public_category(self, urn: str, on: date) -> Category:
        """As if the authority had entered nothing. Under the policy ``la`` nothing else counts."""
        school = self.school(urn)
        if school is not None and self.policy(school.authority, "category", on).name == "la":
            return Category(None)
        own = self._latest({urn}, on)
        if own is not None:
            return Category(says(own), "outcome", own.number, own.published)
        if school is None or (school.opened is not None and on < school.opened):
            return Category(None)
        inherited = self._inherited(urn, on, self.policy(school.authority, "category", on).inherit, ())
        if inherited is not None:
            outcome, since = inherited
            begins = max(outcome.published, since, school.opened or date.min)
            return Category(says(outcome), "inherited", outcome.number, begins)
        return Category(None)

    # -- where officers confirm what outcomes propose (R0.1) --

    def proposing_since(self, urn: str, on: date) -> date | None:
        """The first of the days up to this one on which nothing but `propose` was the policy; None where it isn't.

        From one day on which something was adopted back to the one before: between them nothing changes.
        """
        school, since = self.school(urn), None
        while school is not None and self.policy(school.authority, "category", on).name == "propose":
            began = [each.start for each in self.adopted(school.authority, "category") if each and each.start <= on]
            since = max(began)
            if since == date.min:
                break  # the authority never had another
            on = since - A_DAY
        return since

    def confirmed(self, urn: str, on: date, since: date, by: date | None = None) -> Category:
        """What was confirmed last; else what had been in force; else what that is for the schools that it continues.

        Of several that were left something what is true since the latest day. What is not written down yet counts too, in
        whatever order the schools are looked at.

        ``by``: as it will be once all that is confirmed for a day up to that one has begun.
        """
        own = self._decided(urn, since, by or on) or self.stood(urn, since)
        school = self.school(urn)
        if own.because != "nothing" or school is None or (school.opened is not None and on < school.opened):
            return own
        inherit = self.policy(school.authority, "category", on).inherit
        left = []
        for before in self._line(urn, inherit, (), on):
            if self.school(before) is not None:
                left.append(self._decided(before, since, by or on) or self.stood(before, since))
        left = [each for each in left if each.because != "nothing"]
        found = max(left, key=lambda each: each.begins, default=own)
        return found._replace(because="inherited") if found.because == "outcome" else found

    def stood(self, urn: str, since: date) -> Category:
        """What was in force when officers began to be asked; nothing where they always were."""
        return Category(None) if since == date.min else self.public_category(urn, since - A_DAY)

    def _decided(self, urn: str, since: date, by: date) -> Category | None:
        answers = [
            each
            for each in self.all(Answered)
            if each.urn == urn and each.start and each.known >= since and each.start <= by
        ]
        if answers:
            last = answers[-1]
            return Category(last.category, "proposal", last.id, last.start)
        stays = [each for each in self.all(Stays) if (each.urn, each.since) == (urn, since)]
        return next((Category(each.category, each.because, each.ref, each.begins) for each in stays), None)

    def _line(self, urn: str, inherit: str, after: tuple[str, ...], on: date) -> list[str]:
        """The schools from which it inherits by this policy, each step by the same and begun by that day."""
        found: list[str] = []
        for each in self.continuing():
            before = each.predecessor
            if each.urn == urn and before not in (urn, *after, *found) and self._passes_on(each, inherit, on):
                found += [before, *self._line(before, inherit, (urn, *after), on)]
        return found

    def _passes_on(self, each: Continues, inherit: str, on: date) -> bool:
        if (self.takes_over(each) or date.min) > on:
            return False  # it is to take the other in on a later day
        return inherit == "always" or (inherit == "converters" and self._carries_on(each))

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

    def _inherited(self, urn: str, on: date, inherit: str, after: tuple[str, ...]) -> tuple[Outcome, date] | None:
        """Whatever each school before it left: an outcome of its own, or one that it had inherited itself.

        And since when every school on the way to it had taken over; of two ways that by which it came first.
        """
        found: tuple[Outcome, date] | None = None
        for each in self.continuing():
            before = each.predecessor
            if each.urn != urn or before in (urn, *after) or not self._passes_on(each, inherit, on):
                continue
            own = self._latest({before}, on)
            left = (own, date.min) if own is not None else self._inherited(before, on, inherit, (urn, *after))
            if left is None:
                continue
            outcome, since = left[0], max(left[1], self.takes_over(each) or date.min)
            later = found is None or self._order(outcome) > self._order(found[0])
            if found is None or later or (outcome == found[0] and since < found[1]):
                found = outcome, since
        return found

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
        if self._believed is not None:
            return self._believed
        found: dict[tuple[str, str], Outcome] = {}
        taken_back: dict[tuple[str, str], bool] = {}
        for each in self.all(Outcome):
            if each.inspection in found and each.source < found[each.inspection].source:
                continue
            if not each.by_file:
                taken_back[each.inspection] = each.withdrawn
            found[each.inspection] = replace(each, withdrawn=taken_back.get(each.inspection, False))
        self._believed = found
        return found

    def predecessors(self, urn: str, after: tuple[str, ...] = ()) -> set[str]:
        """Every school that stands before it, however far back."""
        direct = {each.predecessor for each in self.continuing() if each.urn == urn} - {urn, *after}
        return direct.union(*(self.predecessors(each, (urn, *after)) for each in direct))

    def _carries_on(self, each: Continues) -> bool:
        """A converter in whose place it opened; neither what was merged nor what it took in when it had long existed."""
        school = self.school(each.urn)
        if school is None or TYPES[school.type] != "converter":
            return False
        return not each.merged and not self.took_in(each)

    def begun(self, on: date) -> set[tuple[str, str]]:
        """Who continues whom by that day."""
        return {(each.urn, each.predecessor) for each in self.continuing() if (self.takes_over(each) or date.min) <= on}

    def behind(self, urn: str, of: str, on: date) -> date | None:
        """Whether it inherits from that school on that day; and since when, where one of them took another in later."""
        school = self.school(urn)
        return (
            self._taken_in(urn, of, self.policy(school.authority, "category", on).inherit, (), on) if school else None
        )

    def _taken_in(self, urn: str, of: str, inherit: str, after: tuple[str, ...], on: date) -> date | None:
        if urn == of:
            return date.min
        ways = []
        for each in self.continuing():
            if each.urn == urn and each.predecessor not in (urn, *after) and self._passes_on(each, inherit, on):
                further = self._taken_in(each.predecessor, of, inherit, (urn, *after), on)
                if further is not None:
                    ways.append(max(further, each.stated or date.min) if self.took_in(each) else further)
        return min(ways, default=None)


def says(outcome: Outcome) -> int | None:
    """The table of R0.1, for one outcome; None where it says nothing about the category."""
    if outcome.kind == "ungraded":
        return None
    if outcome.concern is not None or outcome.safe is False:
        return 4
    if outcome.headline is not None:
        return outcome.headline
    if outcome.card:
        given = {grade for _, grade in outcome.card}
        if "urgent improvement" in given:
            return 4
        if "needs attention" in given:
            return 3
        return 2 if "expected standard" in given else 1
    judged = [grade for grade in (outcome.quality, outcome.leadership) if grade is not None]
    return max(judged, default=None)
