"""Two changes at one moment: whoever comes second decides with what the first one left (D3.1)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from services.membership.domain.standing import standing
from services.membership.store import bodies, representation
from services.membership.store.facts import facts_of
from services.membership.use_cases import appointments, la_category, offices
from shared.store import UnitOfWork
from tests.eventually import eventually
from tests.store.membership.conftest import ACADEMIES, SCHOOLS, Authority

ROUNDS = 20


async def _stored_is_what_the_facts_give(abbey: Authority) -> None:
    """For every school and both matters the stored answer is the one that all facts together give."""
    async with abbey.store.unit() as uow:
        urns, today = SCHOOLS + ACADEMIES, uow.today
        facts = await facts_of(uow, dict.fromkeys(urns, today))
        rows = await uow.rows(
            "select urn, matter, role, person_id from speaker where upper_inf(during) order by urn, matter"
        )
    stored = {(row.urn, row.matter): (row.role, row.person_id) for row in rows}
    expected: dict[tuple[str, str], Any] = {}
    for urn in urns:
        now = standing(facts[urn], today)
        assert now.general is not None
        assert now.inspection is not None
        expected[urn, "general"] = (now.general.role.value, now.general.person_id)
        expected[urn, "inspection"] = (now.inspection.role.value, now.inspection.person_id)
    assert stored == expected


async def test_a_rise_and_a_change_of_chair_meet_and_the_new_chair_is_named(abbey: Authority) -> None:
    """I12: twenty times, a little earlier or later each time."""
    people = [abbey.people["newcomer"], abbey.people["chair"]]
    for turn in range(ROUNDS):
        day, chair = date(2024, 1, 10 + turn), people[turn % 2]
        await abbey.on(day)
        await abbey.do(partial(_fall, day=day))
        lag = turn - ROUNDS // 2
        await asyncio.gather(
            _after(max(0, lag), abbey, partial(_rise, day=day)),
            _after(max(0, -lag), abbey, partial(_change_chair, body_id=abbey.body_id, person_id=chair, day=day)),
        )
        await _stored_is_what_the_facts_give(abbey)
        assert (await abbey.answers("900003"))[-1][3] == chair


async def _fall(uow: UnitOfWork, day: date) -> None:
    await la_category.set_la_category(
        uow, "900003", category=4, from_date=day, reason="Why", review_on=None, set_by="officer"
    )


async def _rise(uow: UnitOfWork, day: date) -> None:
    await la_category.lift_la_category(uow, "900003", lifted_on=day, reason="Over", lifted_by="officer")


async def _change_chair(uow: UnitOfWork, body_id: UUID, person_id: UUID, day: date) -> None:
    await offices.change_office(uow, body_id, post="chair", person_id=person_id, from_date=day, route="meeting")


async def _after(pauses: int, abbey: Authority, work: Callable[[UnitOfWork], Awaitable[None]]) -> None:
    """Begin a little later: each pause is one short round trip to the database."""
    async with abbey.store.unit() as uow:
        for _ in range(pauses):
            await uow.value("select 1")
    await abbey.do(work)


async def test_many_changes_of_every_kind_at_once_leave_one_right_answer_a_school(abbey: Authority) -> None:
    """I12"""
    day = date(2024, 1, 10)
    await abbey.on(day)
    deputy = next(
        term for term in await abbey.do(lambda uow: bodies.terms(uow, [abbey.body_id])) if term.post == "deputy"
    )
    works: list[Any] = [
        lambda uow: offices.change_office(
            uow, abbey.body_id, post="chair", person_id=abbey.people["newcomer"], from_date=day, route="ballot"
        ),
        lambda uow: offices.end_office(uow, deputy.term_id, ended_on=day, reason="Moved away"),
        lambda uow: appointments.move_head(uow, abbey.people["leader"], to_urn="900003", on=day),
        lambda uow: appointments.allocate_system_leader(
            uow, "900004", person_id=abbey.people["officer"], from_date=day, until=None
        ),
    ]
    works += [
        lambda uow, urn=urn: la_category.set_la_category(
            uow, urn, category=4, from_date=day, reason="Why", review_on=None, set_by="officer"
        )
        for urn in SCHOOLS
    ]
    outcomes = [abbey.publish(urn, day, headline=2) for urn in (*SCHOOLS, *ACADEMIES)]
    await asyncio.gather(*(abbey.do(work) for work in works), *outcomes)
    await _stored_is_what_the_facts_give(abbey)
    said = await abbey.said("representation.reassigned")
    last = {each.data["urn"]: each.data["general_after"]["person_id"] for each in said}
    async with abbey.store.unit() as uow:
        rows = await uow.rows("select urn, person_id from speaker where upper_inf(during) and matter = 'general'")
    # Whoever follows the events ends at what is stored.
    assert {row.urn: str(row.person_id) if row.person_id else None for row in rows if row.urn in last} == last


async def test_a_school_that_continues_the_inspected_one_since_a_moment_ago_is_brought_up_to_today_first(
    abbey: Authority,
) -> None:
    """D3.1, R0.8: the link is recorded while the outcome waits for the lock; the heir has an entry of that very day."""
    day = date(2024, 1, 10)
    await abbey.do(
        lambda uow: la_category.set_la_category(
            uow, "900004", category=3, from_date=day, reason="Why", review_on=None, set_by="officer"
        )
    )
    await abbey.forget_said()
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", day))
    async with abbey.store.unit() as linking:
        await representation.lock(linking, ["900002"])
        publishing = asyncio.create_task(abbey.publish("900002", day, headline=2))
        await eventually(lambda: _waits(abbey))
        await linking.execute(
            "insert into continuity (urn, predecessor_urn, source, recorded_at) values ('900004', '900002', 'x', now())"
        )
    await publishing
    restricted = [each for each in await abbey.said(urn="900004") if each.sensitivity == "restricted"]
    assert restricted[0].type == "la-category.set"
    assert {each.told for each in restricted} == {False}


async def _waits(abbey: Authority) -> bool:
    async with abbey.store.unit() as uow:
        return bool(await uow.value("select exists (select from pg_locks where not granted)"))
