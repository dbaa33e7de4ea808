"""All of it live, from the first known publication in 2006 on: no take-on, every outcome news on its day.

Afterwards what the product stores of every one of the 406 schools, on every day of publication, is compared with the plain model of
tests/bitemporal, as it was known on that day; and with it, and with the published table of the routing policies, what the knowledge
of today and of other days gives of those times.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest

from infra.demo.outcomes import published
from services.membership.domain.standing import Facts, standing
from services.membership.store.facts import facts_of
from shared.store import UnitOfWork
from tests.bitemporal import model, table, tables
from tests.bitemporal.model import MATTERS, Known, Who
from tests.bitemporal.test_rules import line_named, who
from tests.replay import oracle, past
from tests.replay.lived import Lived
from tests.replay.telling import dates_in

pytestmark = pytest.mark.timeout(600)  # the first test waits for the whole past

DAYS = [on for on, _ in published()]
SOME = DAYS[::50]
A_DAY = timedelta(days=1)
# The lines of the table that these years meet with: nobody heads a school yet, no leader is allocated, every office is filled.
NAMED = {
    "chair", "maintained-3-4-unallocated", "academy-3-4-trust", "academy-3-4-no-trust", "academy-chief-executive",
    "academy-improvement-partner", "trust-no-contact", "maintained-desk", "academy-trust", "academy-no-trust",
}  # fmt: skip


async def test_lived_through_from_2006_every_school_ends_in_the_same_category(lived: Lived) -> None:
    """R0.1, D3.10: what is in force doesn't depend on whether an outcome was taken on or lived through."""
    found = {urn: await lived.membership.category(urn) for urn in oracle.management_information()}
    assert found == {urn: oracle.expected(urn).category for urn in found}
    async with lived.membership.store.unit() as uow:
        first = await uow.value(
            "select min(convert_from(value, 'UTF8')::jsonb ->> 'published_on') from outbox "
            "where headers like '%.outcome.published.v1%'"
        )
    assert date.fromisoformat(first) == DAYS[0]


async def test_on_every_day_every_school_was_answered_by_what_was_known_on_it(lived: Lived) -> None:
    """R0.4, I12: 406 schools, both matters, all days of publication."""
    urns = sorted(oracle.management_information())
    async with lived.membership.store.unit() as uow:
        facts = await _by_school(uow, urns)
        stored = await tables.answers(uow, urns)
    wrong, compared = [], 0
    for urn in urns:
        for days, known in _as_known(facts[urn]):
            category = known.category(urn, days[0]).value
            for matter in MATTERS:
                right = known.speaker(urn, matter, days[0])
                expected = [(right, category)] if right else []
                for day in days:
                    there = [(each.who, each.category) for each in stored.get((urn, matter), ()) if each.covers(day)]
                    compared += 1
                    if there != expected:
                        wrong.append(f"{urn}, {matter}, as known on {day}: {there}, right is {expected}")
    assert wrong[:20] == []
    assert compared == len(urns) * len(DAYS) * len(MATTERS)


async def test_for_every_time_todays_knowledge_gives_what_the_model_gives(lived: Lived) -> None:
    """R0.1, R0.3, R0.4: the category of each of 406 schools, and who speaks for it by which rule of the published table, on the
    day of each change among its facts, on the day before, and on every tenth day of publication between."""
    urns = sorted(oracle.management_information())
    async with lived.membership.store.unit() as uow:
        facts = await _by_school(uow, urns)
    now = await _facts_of(lived, urns, date.max)
    wrong, lines = [], set()
    for urn in urns:
        known = Known(facts[urn])
        for begins, ends in _spans(facts[urn]):
            right = _right(known, urn, begins)
            lines |= {line for _, line in right.speak if line}
            between = DAYS[bisect_left(DAYS, begins) : bisect_left(DAYS, ends)]
            for day in {begins, ends - A_DAY, *between[::10]}:
                found = _found(now[urn], day)
                if found != right:
                    wrong.append(f"{urn} on {day}, as known today: {found}, right is {right}")
    assert wrong[:20] == []
    assert {rule for _, rule in lines} == NAMED


async def test_for_every_time_the_knowledge_of_another_day_gives_what_the_model_gives(lived: Lived) -> None:
    """R0.1, R0.3, R0.4: the same as known on some days, for others of these days, and for those around the change that came last
    before each of them and the one that came next."""
    urns = sorted(oracle.management_information())
    async with lived.membership.store.unit() as uow:
        facts = await _by_school(uow, urns)
    wrong = []
    for knowing in SOME:
        then = await _facts_of(lived, urns, knowing)
        for urn, as_known in then.items():
            known = Known(facts[urn], knowing)
            for begins, days in _by_span(facts[urn], [*SOME, *_around(facts[urn], knowing)]):
                right = _right(known, urn, begins)
                for on in days:
                    found = _found(as_known, on)
                    if found != right:
                        wrong.append(f"{urn} on {on}, as known on {knowing}: {found}, right is {right}")
    assert wrong[:20] == []


class Answered(NamedTuple):
    """The category with its reason, and on each matter who speaks, by which line of the table."""

    category: tuple[int | None, str, str]
    speak: tuple[tuple[Who | None, table.Line | None], ...]


def _right(known: Known, urn: str, on: date) -> Answered:
    speak = tuple((known.speaker(urn, matter, on), table.line_of(known, urn, matter, on)) for matter in MATTERS)
    # The post is told by the role and the rule.
    return Answered(
        known.category(urn, on).says, tuple((right and right._replace(post=None), line) for right, line in speak)
    )


def _found(facts: Facts, on: date) -> Answered:
    found = standing(facts, on)
    category = found.category
    return Answered(
        (category.value, category.because.value, category.ref),
        tuple((who(each), line_named(each)) for each in (found.general, found.inspection)),
    )


async def _facts_of(lived: Lived, urns: Sequence[str], known: date) -> dict[str, Facts]:
    """In a transaction of its own, since none may last long."""
    async with lived.membership.store.unit() as uow:
        return await facts_of(uow, urns) if known == date.max else await facts_of(uow, urns, known=known)


def _runs(facts: Sequence[model.Fact]) -> Iterator[list[date]]:
    """The days of publication, put together where none of the school's facts begins, ends or becomes known between them.

    The model asks nothing of a day but whether such a date has come, so it answers the same on all days of a run and is asked once.
    What is stored is looked at on every day.
    """
    turns = dates_in(facts)
    runs: dict[int, list[date]] = defaultdict(list)
    for day in DAYS:
        runs[bisect_right(turns, day)].append(day)
    yield from runs.values()


def _as_known(facts: Sequence[model.Fact]) -> Iterator[tuple[list[date], Known]]:
    for days in _runs(facts):
        yield days, Known(facts, days[0])


def _spans(facts: Sequence[model.Fact]) -> Iterator[tuple[date, date]]:
    """The days since the first on which the model answers the same: from one on, until another."""
    turns = [past.BEGIN, *(each for each in dates_in(facts) if past.BEGIN < each <= DAYS[-1]), DAYS[-1] + A_DAY]
    yield from pairwise(turns)


def _by_span(facts: Sequence[model.Fact], days: Iterable[date]) -> Iterator[tuple[date, set[date]]]:
    """The days that are in each of these, if any, after the day on which it begins."""
    spans = [begins for begins, _ in _spans(facts)]
    found: dict[date, set[date]] = defaultdict(set)
    for day in days:
        found[spans[bisect_right(spans, day) - 1]].add(day)
    yield from found.items()


def _around(facts: Sequence[model.Fact], knowing: date) -> list[date]:
    """The days of the last change before a day and of the next one after it, each with the day before."""
    turns = [begins for begins, _ in _spans(facts)][1:]
    place = bisect_right(turns, knowing)
    return [day for turn in turns[max(place - 1, 0) : place + 1] for day in (turn - A_DAY, turn)]


async def _by_school(uow: UnitOfWork, urns: Sequence[str]) -> dict[str, list[model.Fact]]:
    """The facts that count for each school: its own, its authority's, its bodies' and trusts', and its predecessors' outcomes."""
    facts = [each for each in await tables.facts(uow, urns) if not isinstance(each, model.Continues)]
    facts += [
        model.Continues(row.known, row.urn, row.predecessor_urn, row.merged, row.from_date)
        for row in await uow.rows(
            "select urn, predecessor_urn, kind not in ('continues', 'listed') as merged, from_date, recorded_at::date as known "
            "from (select urn, predecessor_urn, kind, from_date, recorded_at from continuity union all "
            "select urn, predecessor_urn, kind, from_date, recorded_at from continuity_past) as every order by recorded_at"
        )
    ]
    concerned: dict[str, set[str]] = defaultdict(set)  # by school, body or trust
    for each in facts:
        if isinstance(each, model.Continues):
            concerned[each.predecessor].add(each.urn)
        elif isinstance(each, model.Member):
            concerned[each.body].add(each.urn)
        elif isinstance(each, model.InTrust) and each.trust is not None:
            concerned[each.trust].add(each.urn)
    found: dict[str, list[model.Fact]] = {urn: [] for urn in urns}
    for each in facts:
        for about in _about(each, concerned, urns):
            if about in found:
                found[about].append(each)
    return found


def _about(fact: model.Fact, concerned: dict[str, set[str]], urns: Sequence[str]) -> set[str]:
    match fact:
        case model.Policy():
            return set(urns)
        case model.Outcome():
            return {fact.urn, *concerned[fact.urn]}
        case model.Term():
            return concerned[fact.body]
        case model.Contact():
            return concerned[fact.trust]
        case _:
            return {getattr(fact, "urn", "")}
