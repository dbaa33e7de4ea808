"""What must be told of each school while the past is lived through, by the plain rules of tests/bitemporal and the files alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from tests.bitemporal import model
from tests.bitemporal.answer import CLASSES, PUBLIC, Answer
from tests.bitemporal.model import MATTERS, Fact, Known
from tests.replay import past
from tests.replay.files import ALWAYS, closes_by_listing, facts_of, outcomes_for, register


class Told(NamedTuple):
    """One event about a school: its kind, what it says, whether it may go out at once, and who may know of it."""

    urn: str
    what: str
    said: tuple[Any, ...]
    told: bool
    of_class: str


class Step(NamedTuple):
    """What is told when an outcome is published, or, where there is none, when a day begins."""

    outcome: model.Outcome | None
    told: list[Told]


class Telling:
    """One school: what was said of it last, and what is said next."""

    def __init__(self, urn: str):
        self.urn = urn
        self.facts = facts_of(urn)
        self.known = Known(self.facts, past.BEGIN)
        first = Answer.of(self.known, urn, past.BEGIN)
        self.last = first if first.open else first._replace(category=None, public=True)

    def day(self, on: date) -> list[Told]:
        self.known = Known(self.facts, on)
        return self._look(on)

    def outcome(self, outcome: model.Outcome, on: date) -> list[Told]:
        before = self.known
        self.facts.append(outcome)
        self.known = Known(self.facts, on)
        heard = [self._published(before, outcome, on)] if self._hears(outcome, on) else []
        return heard + self._look(on)

    def late(self, outcomes: Sequence[model.Outcome], on: date, *, news: bool) -> list[Told]:
        """Learned long after they were published: what that changes of today, and of the days that have gone."""
        before = self.known
        self.facts += outcomes
        self.known = Known(self.facts, on)
        heard = [self._published(before, each, on) for each in outcomes if news and self._hears(each, on)]
        return heard + self._look(on) + list(self._corrected(before, min(each.published for each in outcomes), on))

    def closed(self, since: date, on: date) -> list[Told]:
        before, school = self.known, register()[self.urn]
        self.facts[self.facts.index(school)] = replace(school, closed=since)
        self.known = Known(self.facts, on)
        return list(self._corrected(before, since, on))

    def _look(self, on: date) -> list[Told]:
        last, new, told = self.last, Answer.of(self.known, self.urn, on), []
        if new.open and last.category != new.category:
            category = self.known.category(self.urn, on)
            said = (last.category, new.category, category.because, category.ref, category.begins)
            told.append(self._told("category-in-force.changed", said, new.category_class(last, told=True)))
        if None not in new.speak and last.speak != new.speak:
            said = (last.speak, new.speak, new.category, on)
            told.append(self._told("representation.reassigned", said, new.speakers_class(last, told=True)))
        self.last = new.after(last)
        return told

    def _hears(self, outcome: model.Outcome, on: date) -> bool:
        """The school that was inspected; where that is closed, the one for which it counts."""
        if not self.known.open(self.urn, on):
            return False
        if outcome.urn == self.urn:
            return True
        inherits = self.known.public_category(self.urn, on).says[1:] == ("inherited", outcome.number)
        return inherits and not self.known.open(outcome.urn, on)

    def _published(self, before: Known, outcome: model.Outcome, on: date) -> Told:
        then, now = (each.public_category(self.urn, on).value for each in (before, self.known))
        roles = tuple(each.public_role(self.urn, on) for each in (before, self.known))
        of = outcome.urn if outcome.urn != self.urn else None
        said = (
            outcome.number,
            outcome.kind,
            of,
            outcome.headline,
            outcome.concern,
            outcome.published,
            then,
            now,
            *roles,
        )
        return self._told("outcome.published", said, PUBLIC)

    def _corrected(self, before: Known, since: date, today: date) -> Iterator[Told]:
        """Each unbroken run of days that are seen otherwise now, of those on which the school was answered."""
        since = max(since, past.BEGIN, register()[self.urn].opened or past.BEGIN)
        turns = [since, *(each for each in dates_in(self.facts) if since < each < today)] if since < today else []
        runs: list[tuple[str, date, date]] = []
        for start, until in zip(turns, [*turns[1:], today], strict=False):
            what = self._seen_otherwise(before, start)
            if what and runs and (runs[-1][0], runs[-1][2]) == (what, start):
                runs[-1] = (what, runs[-1][1], until)
            elif what:
                runs.append((what, start, until))
        for run in runs:
            yield self._told("history.corrected", run, CLASSES["history.corrected"])

    def _seen_otherwise(self, before: Known, on: date) -> str | None:
        if self.known.open(self.urn, on) and (
            before.category(self.urn, on).value != self.known.category(self.urn, on).value
        ):
            return "category-in-force"
        speak = ([each.speaker(self.urn, matter, on) for matter in MATTERS] for each in (before, self.known))
        return "representation" if next(speak) != next(speak) else None

    def _told(self, what: str, said: tuple[Any, ...], of_class: str) -> Told:
        return Told(self.urn, what, said, True, of_class)


def dates_in(facts: Iterable[Fact]) -> list[date]:
    """The days on which anything of these facts begins, ends or becomes known: between them nothing changes."""
    values = {value for fact in facts for value in vars(fact).values() if isinstance(value, date)}
    return sorted(values - {ALWAYS, date.max})


def lived(urn: str, until: date) -> Iterator[Step]:
    """Day by day, each outcome on the day of its publication."""
    telling, coming = Telling(urn), outcomes_for(urn)
    for on in [each for each in dates_in([*telling.facts, *coming]) if past.BEGIN < each <= until]:
        yield Step(None, telling.day(on))
        for outcome in [each for each in coming if each.published == on]:
            yield Step(outcome, telling.outcome(outcome, on))


def learned_late(urn: str, on: date, news_since: date) -> Iterator[Step]:
    """Day by day with no outcome at all, and on the last day all of them from one file: what is old together, the rest in turn."""
    telling, coming = Telling(urn), outcomes_for(urn)
    for each in [each for each in dates_in(telling.facts) if past.BEGIN < each <= on]:
        yield Step(None, telling.day(each))
    old = [each for each in coming if each.published < news_since]
    if old:
        yield Step(old[-1], telling.late(old, on, news=False))
    for outcome in [each for each in coming if each.published >= news_since]:
        yield Step(outcome, telling.late([outcome], on, news=True))
    if (closed := closes_by_listing(urn)) is not None:  # which the file says of it, and is seen when it has ended
        yield Step(None, telling.closed(closed, on))
