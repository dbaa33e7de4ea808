"""System leaders: their load, the authority's limit, bars and conflicts (W-18)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.membership.domain.leader_load import TooManySchools
from services.membership.store.authority_settings import AuthoritySettings
from services.membership.use_cases import appointments
from services.membership.use_cases.authority_settings import set_settings
from services.membership.use_cases.keep_register import keep_schools
from shared.refusal import Refusal
from tests.store.membership.asking import FINANCE, OFFICER, OPS, Ask, asking
from tests.store.membership.conftest import Authority, line

WEDNESDAY, LATER = date(2024, 1, 10), date(2024, 2, 1)
ROUNDS = 20


@pytest.fixture
async def ask(abbey: Authority, tmp_path: Path) -> AsyncIterator[Ask]:
    await abbey.on(WEDNESDAY)
    client, send = asking(abbey.store, tmp_path)
    async with client:
        yield send


async def allocate(
    ask: Ask, abbey: Authority, urn: str, who: str = "leader", day: date = WEDNESDAY, **more: Any
) -> httpx2.Response:
    body = {"person_id": str(abbey.people[who]), "from": day.isoformat(), **more}
    return await ask(f"/schools/{urn}/allocations", {"roles": ["la.officer"], "subject": "the officer"}, body)


async def limit_is(abbey: Authority, limit: int | None) -> None:
    wanted = AuthoritySettings("937", schools_a_leader=limit)
    await abbey.do(lambda uow: set_settings(uow, wanted, reason="Agreed", set_by="officer"))


async def leaders(ask: Ask) -> dict[str, Any]:
    found: dict[str, Any] = (await ask("/authorities/937/system-leaders", OFFICER)).json()
    return found


async def test_each_leader_is_listed_with_her_present_and_planned_schools_the_freest_first(
    ask: Ask, abbey: Authority
) -> None:
    """W-18"""
    assert (await allocate(ask, abbey, "900003", "newcomer", until="2024-01-11")).status_code == 201
    assert (await allocate(ask, abbey, "900004", day=LATER)).status_code == 201
    await abbey.on(date(2024, 1, 12))
    found = await leaders(ask)
    assert found["schools_a_leader"] == "not stated"
    assert [(each["name"], each["schools"], each["planned_schools"]) for each in found["leaders"]] == [
        ("Invented newcomer", 0, 0),
        ("Invented leader", 1, 1),
    ]
    leader = found["leaders"][1]
    assert [(each["urn"], each["from"]) for each in leader["present"]] == [("900002", "2023-09-01")]
    assert [(each["urn"], each["from"]) for each in leader["planned"]] == [("900004", "2024-02-01")]


async def test_above_the_authoritys_limit_an_allocation_needs_a_reason_which_is_recorded(
    ask: Ask, abbey: Authority
) -> None:
    """W-18"""
    await limit_is(abbey, 1)
    refused = await allocate(ask, abbey, "900003")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:consortia:problem:too-many-schools")
    assert (await allocate(ask, abbey, "900003", reason="Only for a term")).status_code == 201
    leader = (await leaders(ask))["leaders"][0]
    assert (leader["schools"], leader["over_the_limit"]) == (2, True)
    reasons = {each["urn"]: (each["reason"], each["reason_given_by"]) for each in leader["present"]}
    assert reasons == {"900002": (None, None), "900003": ("Only for a term", "the officer")}
    said = await abbey.said("allocation.made")
    assert "Only for a term" not in str([each.data for each in said])


async def test_the_limit_counts_planned_schools_on_their_days(ask: Ask, abbey: Authority) -> None:
    """W-18"""
    await limit_is(abbey, 2)
    assert (await allocate(ask, abbey, "900003", day=LATER)).status_code == 201
    assert (await allocate(ask, abbey, "900004", until=LATER.isoformat())).status_code == 201
    assert (await allocate(ask, abbey, "900001")).status_code == 409


async def test_without_a_stated_limit_nobody_has_too_many(ask: Ask, abbey: Authority) -> None:
    """R0.7"""
    await limit_is(abbey, 1)
    await limit_is(abbey, None)
    for urn in ("900001", "900003", "900004"):
        assert (await allocate(ask, abbey, urn)).status_code == 201


async def test_a_leader_of_the_schools_own_trust_needs_a_reason_and_shows_as_a_conflict(
    ask: Ask, abbey: Authority
) -> None:
    """W-18"""
    refused = await allocate(ask, abbey, "900011", "chief")
    assert refused.status_code == 409
    assert "chief executive of the school's own trust" in refused.json()["detail"]
    assert (await allocate(ask, abbey, "900003", "chief")).status_code == 201  # a maintained school
    assert (await allocate(ask, abbey, "900011", "chief", reason="Nobody else is free")).status_code == 201
    chief = next(each for each in (await leaders(ask))["leaders"] if each["name"] == "Invented chief")
    shown = {each["urn"]: each["conflict"] for each in chief["present"]}
    assert shown == {
        "900003": None,
        "900011": "This system leader is the chief executive of the school's own trust",
    }


async def test_the_trust_that_counts_is_that_of_the_days_of_the_allocation(ask: Ask, abbey: Authority) -> None:
    """W-18, R0.4: the school leaves the trust in February."""
    await abbey.do(
        lambda uow: uow.execute(
            "update school_in_trust set during = daterange(lower(during), $1::date) where urn = '900011'", LATER
        )
    )
    assert (await allocate(ask, abbey, "900011", "chief", until="2024-01-31")).status_code == 409
    assert (await allocate(ask, abbey, "900011", "chief", day=LATER)).status_code == 201
    chief = next(each for each in (await leaders(ask))["leaders"] if each["name"] == "Invented chief")
    assert [each["conflict"] for each in chief["planned"]] == [None]


async def correct(ask: Ask, allocation_id: str, **changes: Any) -> httpx2.Response:
    said = {"reason": "Two names alike", **changes}
    return await ask(f"/allocations/{allocation_id}/correct", {"roles": ["la.officer"], "subject": "the officer"}, said)


async def test_a_correction_that_gives_a_leader_too_many_schools_needs_a_reason_too(ask: Ask, abbey: Authority) -> None:
    """W-18: what may not be made so may not be corrected so either."""
    await limit_is(abbey, 1)
    made = (await allocate(ask, abbey, "900003", "newcomer", until=LATER.isoformat())).json()["allocation_id"]
    leader = {"person_id": str(abbey.people["leader"])}
    refused = await correct(ask, made, **leader)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:consortia:problem:too-many-schools")
    assert (await correct(ask, made, **leader, all_the_same="Only for a term")).status_code == 200
    (shown,) = [each for each in (await leaders(ask))["leaders"] if each["name"] == "Invented leader"]
    assert {each["urn"]: each["reason"] for each in shown["present"]}["900003"] == "Only for a term"
    recorded = (await ask("/schools/900003/corrections", OFFICER)).json()
    assert [each["reason"] for each in recorded] == ["Two names alike; allocated all the same: Only for a term"]
    assert (await correct(ask, made, until="2024-01-20")).status_code == 200  # fewer days give nobody more
    longer = await correct(ask, made, until=None)
    assert longer.json()["type"] == "urn:consortia:problem:too-many-schools"
    # Of two reasons the later is shown: the first was for another correction.
    assert (await correct(ask, made, until=None, all_the_same="Nobody else is free")).status_code == 200
    (shown,) = [each for each in (await leaders(ask))["leaders"] if each["name"] == "Invented leader"]
    assert {each["urn"]: each["reason"] for each in shown["present"]}["900003"] == "Nobody else is free"


async def test_a_correction_to_a_leader_of_the_schools_own_trust_needs_a_reason_too(ask: Ask, abbey: Authority) -> None:
    """W-18"""
    made = (await allocate(ask, abbey, "900011", "newcomer")).json()["allocation_id"]
    chief = {"person_id": str(abbey.people["chief"])}
    assert (await correct(ask, made, **chief)).json()["type"] == "urn:consortia:problem:is-the-trusts-own"
    assert (await correct(ask, made, **chief, all_the_same="Nobody else is free")).status_code == 200


async def test_a_leader_who_comes_to_head_her_school_shows_as_barred(ask: Ask, abbey: Authority) -> None:
    """W-18: at the time of the allocation it was none."""
    await abbey.do(lambda uow: appointments.move_head(uow, abbey.people["leader"], to_urn="900002", on=WEDNESDAY))
    [leader] = (await leaders(ask))["leaders"]
    assert leader["heads"] == ["900002"]
    assert [each["heads_the_school"] for each in leader["present"]] == [True]
    refused = await allocate(ask, abbey, "900002", reason="All the same", day=date(2030, 1, 1))
    assert refused.json()["type"] == "urn:consortia:problem:heads-the-school"  # no reason lifts the bar


async def test_another_authoritys_schools_neither_count_nor_show(ask: Ask, abbey: Authority) -> None:
    """W-18, R0.8"""
    await limit_is(abbey, 1)
    await abbey.do(lambda uow: keep_schools(uow, [line("950001", authority="801")]))
    await abbey.do(
        lambda uow: appointments.allocate_system_leader(
            uow, "950001", person_id=abbey.people["newcomer"], from_date=WEDNESDAY, until=None
        )
    )
    assert (await allocate(ask, abbey, "900003", "newcomer")).status_code == 201
    shown = next(each for each in (await leaders(ask))["leaders"] if each["name"] == "Invented newcomer")
    assert [each["urn"] for each in shown["present"]] == ["900003"]


async def test_only_school_improvement_sees_who_is_allocated(ask: Ask) -> None:
    """R0.8"""
    for who in (FINANCE, OPS, {"roles": ["headteacher"], "urns": ["900002"]}, {"roles": ["chair"]}):
        assert (await ask("/authorities/937/system-leaders", who)).status_code == 403
    assert (await ask("/authorities/801/system-leaders", OFFICER)).status_code == 403


async def test_two_allocations_at_once_do_not_pass_the_limit_together(abbey: Authority) -> None:
    """W-18: one of them is told that it needs a reason."""
    await abbey.on(WEDNESDAY)
    await limit_is(abbey, 2)

    async def one(urn: str) -> str:
        work = partial(
            appointments.allocate_system_leader,
            urn=urn,
            person_id=abbey.people["leader"],
            from_date=WEDNESDAY,
            until=None,
        )
        try:
            return str((await abbey.do(work)).allocation_id)
        except Refusal as refusal:
            return type(refusal).__name__

    for _ in range(ROUNDS):
        done = await asyncio.gather(one("900003"), one("900004"))
        assert done.count(TooManySchools.__name__) == 1
        await abbey.do(lambda uow: uow.execute("delete from allocation where urn in ('900003', '900004')"))
