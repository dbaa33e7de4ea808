"""Exactly one answer for every school, matter and day since the first: never none, never two (I12)."""

from datetime import date, timedelta

import pytest

from infra.demo import bodies, people
from infra.demo.registers import BRISTOL, GO_LIVE, WARWICKSHIRE, schools
from infra.demo.replay import LAST_DAY
from tests.replay.conftest import Membership

pytestmark = pytest.mark.timeout(300)  # the first test waits for the whole past

MATTERS = ("general", "inspection")


async def test_every_open_school_has_exactly_one_answer_for_each_matter_on_every_day(replayed: Membership) -> None:
    """W-15, R0.3, I12: counted from the history of answers, day by day."""
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011
    wanted = [
        (school.urn, max(GO_LIVE, school.opened or GO_LIVE), min(tomorrow, school.closed or tomorrow))
        for school in schools().values()
    ]
    async with replayed.store.unit() as uow:
        wrong = await uow.rows(
            """
            with wanted as (
                select urn, since, until, matter
                from unnest($1::text[], $2::date[], $3::date[]) as n (urn, since, until), unnest($4::text[]) as matter
            )
            select w.urn, w.matter, day::date as day, count(s.urn) as answers
            from wanted w
                 cross join lateral generate_series(w.since, w.until - 1, interval '1 day') as day
                 left join speaker s on s.urn = w.urn and s.matter = w.matter and s.during @> day::date
            group by 1, 2, 3
            having count(s.urn) <> 1
            """,
            [urn for urn, _, _ in wanted],
            [since for _, since, _ in wanted],
            [until for _, _, until in wanted],
            list(MATTERS),
        )
    assert [tuple(row) for row in wrong] == []


async def test_in_bristol_no_answer_is_a_member_of_the_group_by_reason_of_a_seat(replayed: Membership) -> None:
    """R0.3: the paper gives the group no voice for single schools."""
    group = bodies.bristol()[0]
    seated = {holder.id for _, holder in people.bristol_seats()}
    async with replayed.store.unit() as uow:
        answers = await uow.rows(
            "select distinct s.role, s.body_id, s.office_id, s.person_id from speaker s join school using (urn) "
            "where school.authority = $1",
            BRISTOL,
        )
    assert {row.role for row in answers} <= {"improvement-desk", "trust", "duty-desk"}
    assert {row.role for row in answers} >= {"improvement-desk", "trust"}
    assert not [row for row in answers if row.body_id == group.id or row.office_id is not None]
    assert not {row.person_id for row in answers} & seated


async def test_nobody_speaks_for_a_school_that_she_heads(replayed: Membership) -> None:
    """R0.3, W-17"""
    async with replayed.store.unit() as uow:
        own = await uow.rows(
            "select s.urn, s.matter, s.during, s.role from speaker s join headship h on h.urn = s.urn "
            "and h.person_id = s.person_id and h.during && s.during"
        )
    assert [tuple(row) for row in own] == []


async def test_every_role_of_warwickshires_policy_answers_for_some_school(replayed: Membership) -> None:
    """R0.3: chair, deputy for the chair's own school, system leader, trust contacts, and the duty desk."""
    async with replayed.store.unit() as uow:
        roles = await uow.rows(
            "select distinct s.role from speaker s join school using (urn) where school.authority = $1", WARWICKSHIRE
        )
    assert {row.role for row in roles} >= {
        "chair",
        "deputy",
        "system-leader",
        "trust-chief-executive",
        "school-improvement-partner",
        "duty-desk",
    }


async def test_a_school_without_an_allocation_goes_to_the_duty_desk_until_one_is_made(replayed: Membership) -> None:
    """W-18: Bilton Infant fell on 29 November 2023; its system leader was allocated on 8 January 2024."""
    path = "/schools/125579/speaker"
    for on, role in (("2023-11-28", "chair"), ("2023-11-29", "duty-desk"), ("2024-01-08", "system-leader")):
        for matter in MATTERS:
            answer = await replayed.caller.get(path, matter=matter, on=on)
            assert answer["role"] == role, (on, matter, answer)


async def test_an_allocation_made_in_advance_has_no_effect_until_the_category_falls(replayed: Membership) -> None:
    """W-18: Race Leys Infant had its system leader from the first day and fell on 24 September 2023."""
    path = "/schools/125616/speaker"
    before = await replayed.caller.get(path, matter="general", on="2023-09-23")
    after = await replayed.caller.get(path, matter="general", on="2023-09-24")
    assert (before["role"], after["role"]) == ("chair", "system-leader")


async def test_a_chairs_own_school_has_the_deputy(replayed: Membership) -> None:
    """W-17"""
    today = date.isoformat(LAST_DAY)
    asked = 0
    for body in bodies.warwickshire():
        if body.kind == "primary-consortium" and body.chair is not None and body.chair.maintained:
            answer = await replayed.caller.get(f"/schools/{body.chair.urn}/speaker", matter="general", on=today)
            assert answer["role"] in {"deputy", "system-leader", "duty-desk"}
            asked += answer["role"] == "deputy"
    assert asked >= 3
