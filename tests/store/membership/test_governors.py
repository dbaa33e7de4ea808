"""Who chairs a school's governors, and that she hears with the head where the officer says so (R0.8)."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.membership.domain import governors
from services.membership.domain.appointment import AlreadyInPost
from services.membership.domain.governors import (
    ChairOfGovernors,
    ChairsAlready,
    EndsBeforeItBegins,
    NobodyChairsTheGovernors,
)
from services.membership.use_cases import governors as acts
from services.membership.use_cases.la_category import set_la_category
from shared.refusal import Refusal
from shared.store import UnitOfWork
from tests.store.membership.asking import FINANCE, OFFICER, Ask
from tests.store.membership.conftest import START, Authority

SCHOOL = "900002"
JANUARY, MARCH, MAY = date(2024, 1, 10), date(2024, 3, 11), date(2024, 5, 1)
ANN, BEN = UUID(int=1), UUID(int=2)
ELSEWHERE: dict[str, Any] = {"roles": ["la.officer"], "authorities": ["801"]}


def chair(person: UUID, since: date, until: date | None = None) -> ChairOfGovernors:
    return ChairOfGovernors(SCHOOL, person, since, until)


async def takes_the_chair(ask: Ask, abbey: Authority, who: str, since: date, status: int = 201) -> Any:
    body = {"person_id": str(abbey.people[who]), "from": since.isoformat()}
    answer = await ask(f"/schools/{SCHOOL}/chair-of-governors", OFFICER, body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def listed(ask: Ask) -> list[tuple[str, str, str | None]]:
    found = (await ask(f"/schools/{SCHOOL}/chair-of-governors", OFFICER)).json()
    return [(each["name"], each["from_date"], each["until"]) for each in found]


async def is_weak(abbey: Authority) -> None:
    await abbey.do(
        lambda uow: set_la_category(
            uow, SCHOOL, category=3, from_date=START, reason="Why", review_on=None, set_by="officer"
        )
    )


@pytest.mark.parametrize(
    ("held", "new", "after"),
    [
        ([], chair(ANN, JANUARY), [chair(ANN, JANUARY)]),
        ([chair(ANN, JANUARY)], chair(BEN, MARCH), [chair(ANN, JANUARY, MARCH), chair(BEN, MARCH)]),
        ([chair(ANN, JANUARY, MARCH)], chair(BEN, MARCH), [chair(ANN, JANUARY, MARCH), chair(BEN, MARCH)]),
        ([chair(ANN, MARCH)], chair(BEN, JANUARY, MARCH), [chair(ANN, MARCH), chair(BEN, JANUARY, MARCH)]),
    ],
)
def test_a_successor_ends_the_time_of_whoever_is_in_the_chair(
    held: list[ChairOfGovernors], new: ChairOfGovernors, after: list[ChairOfGovernors]
) -> None:
    assert governors.succeed(held, new) == after


@pytest.mark.parametrize(
    ("held", "new", "refusal"),
    [
        ([chair(ANN, JANUARY)], chair(ANN, MARCH), ChairsAlready),
        ([chair(ANN, JANUARY)], chair(BEN, JANUARY), AlreadyInPost),
        ([chair(ANN, MARCH)], chair(BEN, JANUARY), AlreadyInPost),
        ([], chair(ANN, MARCH, MARCH), EndsBeforeItBegins),
    ],
)
def test_two_never_chair_the_same_governors(
    held: list[ChairOfGovernors], new: ChairOfGovernors, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        governors.succeed(held, new)


def test_whoever_was_entered_by_mistake_is_taken_back_by_an_end_on_her_first_day() -> None:
    assert governors.end([chair(ANN, JANUARY)], SCHOOL, JANUARY) == []
    assert governors.end([chair(ANN, JANUARY)], SCHOOL, MARCH) == [chair(ANN, JANUARY, MARCH)]
    with pytest.raises(NobodyChairsTheGovernors, match="11 March 2024"):
        governors.end([chair(ANN, MAY)], SCHOOL, MARCH)


async def test_an_officer_enters_who_chairs_them_and_who_follows(ask: Ask, abbey: Authority) -> None:
    """R0.8"""
    await abbey.forget_said()
    await takes_the_chair(ask, abbey, "newcomer", JANUARY)
    await takes_the_chair(ask, abbey, "deputy", MARCH)
    assert await listed(ask) == [
        ("Invented newcomer", "2024-01-10", "2024-03-11"),
        ("Invented deputy", "2024-03-11", None),
    ]
    ended = await ask(f"/schools/{SCHOOL}/chair-of-governors/end", OFFICER, {"ended_on": MARCH.isoformat()})
    assert ended.status_code == 200
    assert await listed(ask) == [("Invented newcomer", "2024-01-10", "2024-03-11")]
    assert {each.type for each in await abbey.said()} == {"chairs-of-governors.recorded"}
    async with abbey.store.unit() as uow:  # what was replaced is still known (R0.4)
        assert await uow.value("select count(*) from chair_of_governors_past") == 2


@pytest.mark.parametrize(("who", "status"), [(ELSEWHERE, 403), (FINANCE, 403)])
async def test_nobody_else_enters_or_reads_who_chairs_them(
    ask: Ask, abbey: Authority, who: dict[str, Any], status: int
) -> None:
    body = {"person_id": str(abbey.people["newcomer"]), "from": JANUARY.isoformat()}
    assert (await ask(f"/schools/{SCHOOL}/chair-of-governors", who, body)).status_code == status
    assert (await ask(f"/schools/{SCHOOL}/chair-of-governors", who)).status_code == status
    assert await listed(ask) == []


async def test_a_person_who_is_not_recorded_chairs_nobody(ask: Ask, abbey: Authority) -> None:
    abbey.people["nobody"] = uuid4()
    refused = await takes_the_chair(ask, abbey, "nobody", JANUARY, status=404)
    assert "There is no person" in refused["detail"]


async def test_whoever_chairs_them_on_the_day_of_telling_hears_where_the_officer_says_so(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: head (and the chair of governors, if the officer says so)."""
    await takes_the_chair(ask, abbey, "newcomer", START - timedelta(days=90))
    await takes_the_chair(ask, abbey, "deputy", START)
    await is_weak(abbey)
    told = await ask(f"/schools/{SCHOOL}/told", OFFICER, {"chair_of_governors": True})
    assert told.status_code == 200
    [said] = await abbey.said("school.told")
    assert (len(said.data["releases"]), said.data["chair_of_governors_id"]) == (1, str(abbey.people["deputy"]))


async def test_where_the_officer_says_nothing_of_it_nobody_but_the_head_hears(ask: Ask, abbey: Authority) -> None:
    """R0.8"""
    await takes_the_chair(ask, abbey, "newcomer", START)
    await is_weak(abbey)
    await ask(f"/schools/{SCHOOL}/told", OFFICER, {})
    [said] = await abbey.said("school.told")
    assert said.data["chair_of_governors_id"] is None


async def test_where_nobody_chairs_them_the_officer_hears_that_and_the_school_counts_as_untold(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: nobody is left out without a word."""
    await is_weak(abbey)
    refused = await ask(f"/schools/{SCHOOL}/told", OFFICER, {"chair_of_governors": True})
    assert refused.status_code == 404
    assert "consortia governors chair" in refused.json()["detail"]
    assert await abbey.said("school.told") == []
    assert (await ask(f"/schools/{SCHOOL}/told", OFFICER, {})).json()["releases"] != []


async def test_a_take_on_brings_chairs_of_governors_once(ask: Ask, abbey: Authority) -> None:
    person = str(abbey.people["newcomer"])
    part = {"authority": "937", "chairs_of_governors": [{"person_id": person, "urn": SCHOOL, "from": "2022-09-01"}]}
    assert (await ask("/take-on", OFFICER, part)).json()["chairs_of_governors"] == 1
    assert (await ask("/take-on", OFFICER, part)).json()["chairs_of_governors"] == 0
    assert await listed(ask) == [("Invented newcomer", "2022-09-01", None)]
    await takes_the_chair(ask, abbey, "deputy", MARCH)
    assert (await ask("/take-on", OFFICER, part)).json()["chairs_of_governors"] == 0  # as it was entered
    part["chairs_of_governors"][0]["until"] = "2023-01-01"  # type: ignore[index]
    refused = await ask("/take-on", OFFICER, part)
    assert refused.status_code == 409
    assert "consortia governors end" in refused.json()["detail"]


async def test_of_two_who_are_entered_at_once_both_are_known_one_after_the_other_or_one_is_refused(
    abbey: Authority,
) -> None:
    """Never two in one chair."""
    for round_ in range(10):
        day = START + timedelta(days=round_)

        async def enter(who: str, day: date = day) -> object:
            async def work(uow: UnitOfWork) -> object:
                return await acts.take_the_chair(uow, SCHOOL, person_id=abbey.people[who], from_date=day, until=None)

            return await abbey.do(work)

        done = await asyncio.gather(enter("newcomer"), enter("deputy"), return_exceptions=True)
        assert all(isinstance(each, ChairOfGovernors | Refusal) for each in done), done
        assert any(isinstance(each, ChairOfGovernors) for each in done)
