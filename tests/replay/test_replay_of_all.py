"""All of it live, from the first known publication in 2006 on: no take-on, every outcome news on its day.

Afterwards every school's history is compared, on every day of publication and as it was known on that day, with the plain
model of tests/bitemporal; and what today's knowledge gives for every such day.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from infra.demo.outcomes import published
from infra.demo.replay import Day, Replay
from services.membership.domain.standing import standing
from services.membership.store.facts import facts_of
from shared.store import Store, UnitOfWork
from tests.bitemporal import model, tables
from tests.bitemporal.model import MATTERS, Known
from tests.conftest import Databases
from tests.replay import oracle
from tests.replay.conftest import started


@pytest.mark.timeout(600)
async def test_lived_through_from_2006_every_school_ends_in_the_same_category(
    databases: Databases, tmp_path: Path
) -> None:
    """R0.1, D3.10: what is in force doesn't depend on whether an outcome was taken on or lived through."""
    days = list(published())
    async with started(databases, tmp_path) as membership:
        replay = Replay(membership.consortia)
        await membership.consortia.set_clock(days[0][0] - timedelta(days=1))
        await replay.registers()
        for on, outcomes in days:
            await replay.live(on, Day(outcomes=outcomes))
        found = {urn: await membership.category(urn) for urn in oracle.management_information()}
        assert found == {urn: oracle.expected(urn).category for urn in found}
        async with membership.store.unit() as uow:
            first = await uow.value(
                "select min(convert_from(value, 'UTF8')::jsonb ->> 'published_on') from outbox "
                "where headers like '%.outcome.published.v1%'"
            )
        assert date.fromisoformat(first) == days[0][0]
        assert await _every_day(membership.store, sorted(found), [on for on, _ in days]) == []


async def _every_day(store: Store, urns: Sequence[str], days: Sequence[date]) -> list[str]:
    """R0.4: each school on days of publication, as known then and as known now; on some days all as known on others.

    On every day on which anything of its own became known, and of the days on which others' outcomes were published on
    every fourth: a school after the other, so that each day has its quarter.
    """
    some = days[::50]
    async with store.unit() as uow:
        facts = await _by_school(uow, urns)
        stored = await tables.answers(uow, urns)
        now = await facts_of(uow, urns)
        then = {knowing: await facts_of(uow, urns, known=knowing) for knowing in some}
    known_now = {urn: Known(facts[urn]) for urn in urns}
    wrong = []
    compared = 0
    own = {urn: {each.known for each in facts[urn]} for urn in urns}
    for turn, day in enumerate(days):
        for urn in [urn for place, urn in enumerate(urns) if day in own[urn] or (turn + place) % 4 == 0]:
            known = Known(facts[urn], day)
            category = known.category(urn, day).value
            for matter in MATTERS:
                right = known.speaker(urn, matter, day)
                there = [(each.who, each.category) for each in stored.get((urn, matter), []) if each.covers(day)]
                compared += len(there)
                if there != ([(right, category)] if right else []):
                    wrong.append(f"{urn}, {matter}, as known on {day}: {there}, right is {right} in {category}")
            today, right_today = standing(now[urn], day).category, known_now[urn].category(urn, day)
            if (today.value, today.because.value, today.ref) != right_today:
                wrong.append(f"{urn} on {day}, as known today: {today.value} by {today.ref}, right is {right_today}")
    for knowing in some:
        for urn, as_known in then[knowing].items():
            known = Known(facts[urn], knowing)
            for on in some:
                category = standing(as_known, on).category.value
                if category != known.category(urn, on).value:
                    wrong.append(f"{urn} on {on}, as known on {knowing}: {category}")
    print(f"{compared} answers compared, {len(wrong)} wrong")
    assert compared > 60_000
    return wrong[:20]


async def _by_school(uow: UnitOfWork, urns: Sequence[str]) -> dict[str, list[model.Fact]]:
    """The facts that count for each school: its own, its authority's, and its predecessors' outcomes."""
    facts = [each for each in await tables.facts(uow, urns) if not isinstance(each, model.Continues)]
    facts += [
        model.Continues(row.known, row.urn, row.predecessor_urn, row.merged)
        for row in await uow.rows(
            "select urn, predecessor_urn, kind not in ('continues', 'listed') as merged, recorded_at::date as known from "
            "(select urn, predecessor_urn, kind, recorded_at from continuity union all "
            "select urn, predecessor_urn, kind, recorded_at from continuity_past) as every order by recorded_at"
        )
    ]
    heirs: dict[str, set[str]] = defaultdict(set)
    for each in facts:
        if isinstance(each, model.Continues):
            heirs[each.predecessor].add(each.urn)
    shared: list[model.Fact] = [each for each in facts if isinstance(each, model.Policy)]
    found = {urn: list(shared) for urn in urns}
    for each in facts:
        urn = getattr(each, "urn", "")
        for about in {urn, *heirs[urn]} if isinstance(each, model.Outcome) else {urn}:
            if about in found:
                found[about].append(each)
    return found
