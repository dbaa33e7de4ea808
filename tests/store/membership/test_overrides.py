"""An override in the record: told once the school was, begun and expired by itself, never two at once (W-19, R0.8)."""

import asyncio
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.override import AlreadyOverridden, SpeakerHeadsTheSchool
from services.membership.use_cases import appointments, la_category, offices, overrides
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.who_speaks import who_speaks
from shared.refusal import Refusal
from shared.store import UnitOfWork
from tests.store.membership.asking import FINANCE, HEAD, OFFICER, OPS, Ask
from tests.store.membership.conftest import ACADEMIES, Authority, line
from tests.store.membership.test_told import tell

SCHOOL, OTHER = "900003", "900004"
TODAY, UNTIL = date(2024, 1, 10), date(2024, 3, 1)
REASSIGNED = "representation.reassigned"
ROUNDS = 10


async def name_somebody(
    abbey: Authority,
    who: str | None = "officer",
    urn: str = SCHOOL,
    *,
    matter: str = "both",
    from_date: date = TODAY,
    until: date = UNTIL,
) -> UUID:
    found = await abbey.do(
        lambda uow: overrides.set_override(
            uow,
            urn,
            matter=matter,
            person_id=abbey.people[who] if who else None,
            from_date=from_date,
            until=until,
            reason="The chair is ill",
            set_by="officer",
        )
    )
    return found.override_id


async def end(abbey: Authority, override_id: UUID, on: date) -> overrides.OverrideSet | None:
    return await abbey.do(
        lambda uow: overrides.end_override(uow, override_id, ended_on=on, reason="She is well", ended_by="officer")
    )


async def test_it_begins_and_expires_by_itself_and_every_answer_has_its_days(abbey: Authority) -> None:
    """W-19, D3.10: entered weeks before; told as an override on both days, held until the school was told."""
    begins = date(2024, 2, 5)
    await abbey.on(TODAY)
    await name_somebody(abbey, from_date=begins)
    await abbey.forget_said()
    for day in (begins, date(2024, 2, 20), UNTIL):
        await abbey.on(day)
    who = abbey.people
    for matter in ("general", "inspection"):
        assert (await abbey.answers(SCHOOL, matter))[-3:] == [
            (date(2023, 9, 1), begins, "chair", who["chair"]),
            (begins, UNTIL, "named-person", who["officer"]),
            (UNTIL, None, "chair", who["chair"]),
        ]
    said = await abbey.said(REASSIGNED, urn=SCHOOL)
    assert [(each.data["cause"], each.data["valid_from"], each.told) for each in said] == [
        ("override", "2024-02-05", False),
        ("override", "2024-03-01", False),
    ]
    assert {each.sensitivity for each in said} == {"restricted"}
    assert "ill" not in str([each.data for each in await abbey.said()])  # the reason stays with membership
    assert (await tell(abbey, UNTIL, SCHOOL)) == [each.correlation_id for each in said]


async def test_it_takes_the_place_of_an_academys_chief_executive_on_one_matter(abbey: Authority) -> None:
    """W-19: who "normally" has the conversation does not this time."""
    urn = ACADEMIES[0]
    await abbey.on(TODAY)
    await name_somebody(abbey, urn=urn, matter="inspection")
    assert (await abbey.answers(urn, "inspection"))[-1][2:] == ("named-person", abbey.people["officer"])
    assert (await abbey.answers(urn, "general"))[-1][2] == "chair"


async def test_it_ends_early_by_an_act_and_its_old_day_brings_nothing(abbey: Authority) -> None:
    """W-19, D3.10"""
    await abbey.on(TODAY)
    override_id = await name_somebody(abbey)
    ended_on = date(2024, 2, 1)
    await end(abbey, override_id, ended_on)
    await abbey.on(ended_on)
    assert (await abbey.answers(SCHOOL))[-2:] == [
        (TODAY, ended_on, "named-person", abbey.people["officer"]),
        (ended_on, None, "chair", abbey.people["chair"]),
    ]
    await tell(abbey, ended_on, SCHOOL)
    await abbey.forget_said()
    await abbey.on(UNTIL)
    assert await abbey.said() == []
    async with abbey.store.unit() as uow:
        assert await uow.rows("select urn from withheld where released_on is null") == []  # nothing to be told again


async def test_one_taken_back_before_it_began_never_was_and_its_days_bring_nothing(abbey: Authority) -> None:
    """W-19, D3.10, R0.4: it is kept among what was replaced."""
    begins = date(2024, 2, 5)
    await abbey.on(TODAY)
    override_id = await name_somebody(abbey, from_date=begins)
    assert await end(abbey, override_id, TODAY) is None
    await abbey.forget_said()
    for day in (begins, UNTIL):
        await abbey.on(day)
    assert await abbey.said() == []
    assert [each[2] for each in await abbey.answers(SCHOOL)] == ["chair"]
    async with abbey.store.unit() as uow:
        kept = await uow.rows(
            "select reason, end_reason, ended_by from routing_override_past order by replaced_at, end_reason"
        )
    assert ("The chair is ill", "She is well", "officer") in [tuple(row) for row in kept]


async def test_one_set_and_taken_back_today_gives_back_todays_answer(abbey: Authority) -> None:
    """W-19: a day's last answer is its answer; both are told as acts inside the council."""
    await abbey.on(TODAY)
    override_id = await name_somebody(abbey)
    assert await end(abbey, override_id, TODAY) is None
    assert (await abbey.answers(SCHOOL))[-1][2:] == ("chair", abbey.people["chair"])
    said = await abbey.said(REASSIGNED, urn=SCHOOL)
    assert [(each.data["cause"], each.told) for each in said[-2:]] == [("override", False), ("override", False)]


async def test_whoever_comes_to_head_the_school_meanwhile_no_longer_speaks_for_it(abbey: Authority) -> None:
    """R0.3"""
    await abbey.on(TODAY)
    await name_somebody(abbey, "newcomer")
    moves = date(2024, 1, 22)
    await abbey.on(moves)
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["newcomer"], to_urn=SCHOOL, on=moves))
    assert (await abbey.answers(SCHOOL))[-1] == (moves, None, "chair", abbey.people["chair"])
    with pytest.raises(SpeakerHeadsTheSchool):
        await name_somebody(abbey, "newcomer", from_date=UNTIL, until=date(2024, 4, 1))


async def test_facts_are_read_as_known_before_it_was_entered_and_before_it_was_ended(abbey: Authority) -> None:
    """R0.4"""
    await abbey.on(TODAY)
    override_id = await name_somebody(abbey)
    await abbey.on(date(2024, 1, 20))
    await end(abbey, override_id, date(2024, 2, 1))

    async def known(day: date) -> tuple[str, list[str]]:
        found = await abbey.do(lambda uow: explain(uow, SCHOOL, date(2024, 2, 10), day))
        return found["general"]["rule"], [step.says for step in found["steps"] if step.about == "override"]

    assert await known(date(2024, 1, 9)) == ("chair", [])
    rule, steps = await known(TODAY)
    assert (rule, steps) == ("override", ["Invented officer, both: The chair is ill"])
    rule, steps = await known(date(2024, 1, 20))
    assert rule == "chair"
    assert len(steps) == 2


async def test_the_reason_is_shown_to_school_improvement_and_the_school_hears_who_once_it_was_told(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8"""
    urn = HEAD["urns"][0]
    await abbey.on(TODAY)
    body = {"matter": "both", "person_id": str(abbey.people["officer"]), "until": "2024-03-01", "reason": "Quite ill"}
    assert (await ask(f"/schools/{urn}/overrides", FINANCE, body)).status_code == 403
    assert (await ask(f"/schools/{urn}/overrides", HEAD, body)).status_code == 403
    made = await ask(f"/schools/{urn}/overrides", OFFICER, body)
    assert made.status_code == 201, made.text

    async def answer(who: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await ask(f"/schools/{urn}/speaker?matter=general", who)).json()
        return found

    assert (await answer(HEAD))["role"] == "chair"
    shown = await answer(OFFICER)
    assert (shown["rule"], shown["override"]["reason"], shown["override"]["until"]) == (
        "override",
        "Quite ill",
        "2024-03-01",
    )
    await tell(abbey, TODAY, urn)
    told = await answer(HEAD)
    assert told["role"] == "named-person"
    assert "Quite ill" not in str(told)
    for who in (HEAD, FINANCE, OPS):
        assert (await ask(f"/schools/{urn}/overrides", who)).status_code == 403
    listed = (await ask(f"/schools/{urn}/overrides", OFFICER)).json()
    assert [(each["reason"], each["set_by"]) for each in listed] == [("Quite ill", "somebody")]
    ended = await ask(
        f"/overrides/{listed[0]['override_id']}/end", OFFICER, {"reason": "Well again", "on": "2024-02-01"}
    )
    assert ended.json()["until"] == "2024-02-01"
    assert (await ask(f"/overrides/{listed[0]['override_id']}/end", FINANCE, {"reason": "Well"})).status_code == 403


async def test_the_duty_desks_queue_lists_overrides_that_expire_within_a_fortnight(ask: Ask, abbey: Authority) -> None:
    """W-19"""

    async def listed() -> list[dict[str, Any]]:
        found = (await ask("/authorities/937/desk-queue", OFFICER)).json()["items"]
        return [each for each in found if each["kind"] == "override-ends"]

    await abbey.on(TODAY)
    await name_somebody(abbey)
    await abbey.on(date(2024, 2, 15))
    assert await listed() == []
    await abbey.on(date(2024, 2, 16))
    (item,) = await listed()
    assert (item["urn"], item["until"], item["since"], item["reason"]) == (
        SCHOOL, "2024-03-01", "2024-02-16", "The chair is ill",
    )  # fmt: skip
    await abbey.on(UNTIL)
    assert await listed() == []


# -- races --


async def _after(pauses: int, abbey: Authority, work: Any) -> None:
    """Begin a little later: each pause is one short round trip to the database."""
    async with abbey.store.unit() as uow:
        for _ in range(pauses):
            await uow.value("select 1")
    await abbey.do(work)


async def test_of_two_overrides_set_at_one_moment_one_is_refused(abbey: Authority) -> None:
    """D3.1, R0.3: never two answers."""
    for turn in range(ROUNDS):
        day, after = date(2024, 1, 10 + turn), date(2024, 1, 11 + turn)
        await abbey.on(day)
        done = await asyncio.gather(
            name_somebody(abbey, "officer", matter="both", from_date=day, until=after),
            name_somebody(abbey, "newcomer", matter="inspection", from_date=day, until=after),
            return_exceptions=True,
        )
        refused = [each for each in done if isinstance(each, BaseException)]
        assert [type(each) for each in refused] == [AlreadyOverridden]


async def test_the_table_itself_refuses_a_second_override_of_the_same_matter(abbey: Authority) -> None:
    """R0.3: whoever forgets the locks."""
    await abbey.on(TODAY)
    await name_somebody(abbey, matter="general")
    sql = (
        "insert into routing_override (override_id, urn, matter, during, reason, set_by, recorded_at) "
        "values (gen_random_uuid(), $1, $2, '[2024-02-01,2024-02-02)', 'Why', 'officer', now())"
    )
    await abbey.do(lambda uow: uow.execute(sql, SCHOOL, "inspection"))
    with pytest.raises(Exception, match="routing_override"):
        await abbey.do(lambda uow: uow.execute(sql, SCHOOL, "both"))


async def test_an_override_meets_a_change_of_category_and_of_chair_and_whoever_it_names_speaks(
    abbey: Authority,
) -> None:
    """D3.1, I12: a little earlier or later each time; when it is over the answer is what the others have left."""
    for turn in range(ROUNDS):
        day, after = date(2024, 1, 10 + 2 * turn), date(2024, 1, 11 + 2 * turn)
        chair = ["newcomer", "chair"][turn % 2]
        await abbey.on(day)
        lag = turn - ROUNDS // 2
        await asyncio.gather(
            _after(max(0, lag), abbey, partial(_set, person_id=abbey.people["officer"], day=day, until=after)),
            _after(max(0, -lag), abbey, partial(_fall_or_rise, day=day, fall=turn % 2 == 0)),
            abbey.do(
                lambda uow, chair=chair, day=day: offices.change_office(  # type: ignore[misc]
                    uow, abbey.body_id, post="chair", person_id=abbey.people[chair], from_date=day, route="meeting"
                )
            ),
        )
        assert (await abbey.answers(SCHOOL))[-1][2:] == ("named-person", abbey.people["officer"])
        await abbey.on(after)
        expected = ("duty-desk", None) if turn % 2 == 0 else ("chair", abbey.people[chair])
        assert (await abbey.answers(SCHOOL))[-1][2:] == expected


async def _set(uow: UnitOfWork, person_id: UUID, day: date, until: date) -> None:
    await overrides.set_override(
        uow, SCHOOL, matter="both", person_id=person_id, from_date=day, until=until, reason="Why", set_by="officer"
    )


async def _fall_or_rise(uow: UnitOfWork, day: date, *, fall: bool) -> None:
    if fall:
        await la_category.set_la_category(
            uow, SCHOOL, category=4, from_date=day, reason="Why", review_on=None, set_by="officer"
        )
    else:
        await la_category.lift_la_category(uow, SCHOOL, lifted_on=day, reason="Over", lifted_by="officer")


async def test_a_school_that_nobody_outside_speaks_for_has_no_override(abbey: Authority) -> None:
    """W-19: not state-funded."""
    await abbey.do(lambda uow: keep_schools(uow, [line("900050", type_code="11")]))
    with pytest.raises(Refusal, match="not a state-funded school"):
        await name_somebody(abbey, urn="900050", from_date=date(2023, 9, 1), until=UNTIL)
    with pytest.raises(Refusal):
        await abbey.do(lambda uow: who_speaks(uow, "900050", "general", None))


async def test_whom_an_override_names_may_know_of_the_school_in_whatever_roles_she_signs_in(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: whoever speaks for a school, once it was told; nobody else without a role, and she of no other school."""
    await abbey.on(TODAY)
    await name_somebody(abbey, "newcomer")
    she: dict[str, Any] = {"subject": str(abbey.people["newcomer"]), "roles": []}
    somebody: dict[str, Any] = {"subject": str(abbey.people["deputy"]), "roles": []}

    async def answered(who: dict[str, Any], urn: str = SCHOOL) -> list[int]:
        return [(await ask(f"/schools/{urn}/{what}", who)).status_code for what in ("speaker", "category")]

    assert await answered(she) == [403, 403]
    await tell(abbey, TODAY, SCHOOL)
    assert await answered(she) == [200, 200]
    assert await answered(she, OTHER) == [403, 403]
    for who in (somebody, FINANCE, OPS):
        assert await answered(who) == [403, 403]
