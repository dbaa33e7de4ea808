"""All of it live, from the first known publication in 2006 on: no take-on, every outcome news on its day.

Afterwards what the product stores of every one of the 406 schools, on every day of publication, is compared with the plain model of
tests/bitemporal, as it was known on that day; and with it what today's knowledge gives of those times.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from infra.demo.outcomes import published
from services.membership.domain.standing import Facts, standing
from services.membership.store.facts import facts_of
from shared.store import UnitOfWork
from tests.bitemporal import model, tables
from tests.bitemporal.model import MATTERS, Known
from tests.replay import oracle
from tests.replay.lived import Lived
from tests.replay.telling import dates_in

pytestmark = pytest.mark.timeout(600)  # the first test waits for the whole past

DAYS = [on for on, _ in published()]
SOME = DAYS[::50]


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
    """R0.4: the category of each of 406 schools on the first and last day of publication between two dates of its facts, and
    on every tenth between them; on some days also as known on some others."""
    urns = sorted(oracle.management_information())
    async with lived.membership.store.unit() as uow:
        facts = await _by_school(uow, urns)
    now = await _facts_of(lived, urns, date.max)
    then = {knowing: await _facts_of(lived, urns, knowing) for knowing in SOME}
    wrong = []
    for urn in urns:
        known_now = Known(facts[urn])
        for days in _runs(facts[urn]):
            right = known_now.category(urn, days[0])
            for day in {*days[::10], days[-1]}:
                found = standing(now[urn], day).category
                if (found.value, found.because.value, found.ref) != right.says:
                    wrong.append(f"{urn} on {day}, as known today: {found.value} by {found.ref}, right is {right.says}")
    for knowing in SOME:
        for urn, as_known in then[knowing].items():
            known = Known(facts[urn], knowing)
            for on in SOME:
                category = standing(as_known, on).category.value
                if category != known.category(urn, on).value:
                    wrong.append(f"{urn} on {on}, as known on {knowing}: {category}")
    assert wrong[:20] == []


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
