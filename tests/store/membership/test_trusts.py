"""An academy moves from one trust to another: each day is answered by the trust that it belonged to (R0.3, R0.4, D3.11)."""

import itertools
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.appointment import TrustContact
from services.membership.domain.body import Body
from services.membership.domain.listing import Listing, Source
from services.membership.domain.standing import standing
from services.membership.store.facts import facts_of
from services.membership.store.schools import trusts_of
from services.membership.use_cases.explain import explain
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.who_speaks import who_speaks
from shared.messaging.cause import new_id
from tests.store.membership.conftest import ACADEMIES, START, Authority, line

ELDER = ACADEMIES[0]
LARCH, ALDER = "7001", "7002"
DECEMBER, JANUARY, FEBRUARY, MARCH = (date(2023, 12, 4), date(2024, 1, 10), date(2024, 2, 12), date(2024, 3, 11))
REASSIGNED, CORRECTED, RECORDED = "representation.reassigned", "history.corrected", "school.recorded"


@pytest.fixture
async def two_trusts(abbey: Authority) -> Authority:
    """Larch Trust has the chief executive of the authority's fixture, Alder Trust one of its own."""
    chief = TrustContact(ALDER, "chief-executive", abbey.people["newcomer"], START, None)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", trust_contacts=[chief])))
    await abbey.on(DECEMBER)
    await abbey.forget_said()
    return abbey


def links(trust: str, as_at: date, joined_on: date | None = None) -> Listing:
    name = {LARCH: "Larch Trust", ALDER: "Alder Trust"}[trust]
    return Listing(
        ELDER, Source.GROUP_LINKS, as_at, file="links", part=trust, trust_id=trust, trust_name=name, joined_on=joined_on
    )


def register(trust: str, as_at: date, **said: Any) -> Listing:
    return line(ELDER, as_at, type_code="34", trust_id=trust, trust_name="Alder Trust", **said)


async def listed(authority: Authority, *lines: Listing) -> None:
    await authority.do(lambda uow: keep_schools(uow, list(lines)))


async def speaks(authority: Authority, on: date, known: date | None = None) -> UUID | None:
    facts = await authority.do(lambda uow: facts_of(uow, [ELDER], known=known))
    answer = standing(facts[ELDER], on).inspection
    assert answer is not None
    return answer.person_id


async def test_after_a_move_the_days_before_it_stay_with_the_trust_before(two_trusts: Authority) -> None:
    """R0.4: the register of February says that the academy joined Alder Trust in January."""
    chief, newcomer = two_trusts.people["chief"], two_trusts.people["newcomer"]
    await two_trusts.on(FEBRUARY)
    await two_trusts.forget_said()
    await listed(two_trusts, links(ALDER, FEBRUARY, JANUARY))
    assert await speaks(two_trusts, DECEMBER) == chief
    assert await speaks(two_trusts, JANUARY) == await speaks(two_trusts, FEBRUARY) == newcomer
    assert await speaks(two_trusts, JANUARY, known=date(2024, 2, 11)) == chief
    (told,) = await two_trusts.said(REASSIGNED)
    assert (told.data["inspection_after"]["person_id"], told.data["cause"]) == (str(newcomer), "trust")
    (corrected,) = await two_trusts.said(CORRECTED)
    assert (corrected.data["what"], corrected.data["from_date"], corrected.data["until"]) == (
        "representation",
        str(JANUARY),
        str(FEBRUARY),
    )


async def test_a_move_of_today_corrects_nothing(two_trusts: Authority) -> None:
    await listed(two_trusts, register(ALDER, DECEMBER))
    assert [each.data["cause"] for each in await two_trusts.said(REASSIGNED)] == ["trust"]
    assert await two_trusts.said(CORRECTED) == []
    assert await speaks(two_trusts, START) == two_trusts.people["chief"]


async def test_a_move_without_a_day_counts_from_the_edition_that_says_it(two_trusts: Authority) -> None:
    """The register's main file has no day of joining; loaded in February, that of January says where it was then."""
    await two_trusts.on(FEBRUARY)
    await two_trusts.forget_said()
    await listed(two_trusts, register(ALDER, JANUARY))
    (corrected,) = await two_trusts.said(CORRECTED)
    assert (corrected.data["from_date"], corrected.data["until"]) == (str(JANUARY), str(FEBRUARY))


async def test_the_day_of_joining_that_comes_later_corrects_the_days_between(two_trusts: Authority) -> None:
    await two_trusts.on(JANUARY)
    await listed(two_trusts, register(ALDER, JANUARY))
    await two_trusts.on(FEBRUARY)
    await two_trusts.forget_said()
    await listed(two_trusts, links(ALDER, FEBRUARY, DECEMBER))
    assert await two_trusts.said(REASSIGNED, RECORDED) == []
    (corrected,) = await two_trusts.said(CORRECTED)
    assert (corrected.data["from_date"], corrected.data["until"]) == (str(DECEMBER), str(JANUARY))


async def test_a_joining_to_come_is_told_on_its_day_and_not_before(two_trusts: Authority) -> None:
    """D3.10"""
    await listed(two_trusts, links(ALDER, DECEMBER, FEBRUARY))
    assert await two_trusts.said(REASSIGNED, CORRECTED, RECORDED) == []
    assert await speaks(two_trusts, FEBRUARY) == two_trusts.people["newcomer"]
    await two_trusts.on(date(2024, 2, 11))
    assert await two_trusts.said(REASSIGNED, RECORDED) == []
    await two_trusts.on(FEBRUARY)
    (told,) = await two_trusts.said(REASSIGNED)
    assert (told.data["inspection_after"]["person_id"], told.data["cause"]) == (
        str(two_trusts.people["newcomer"]),
        "trust",
    )
    (school,) = await two_trusts.said(RECORDED)
    assert (school.data["trust_id"], school.data["trust_name"]) == (ALDER, "Alder Trust")
    assert await two_trusts.said(CORRECTED) == []


async def test_editions_in_any_order_end_in_the_same_trusts(abbey: Authority) -> None:
    """D3.11: one school for each of the orders in which these may come."""
    editions = [
        register(LARCH, START),
        links(LARCH, DECEMBER, date(2015, 9, 1)),
        register(ALDER, FEBRUARY),
        links(ALDER, FEBRUARY, JANUARY),
    ]
    orders = dict(enumerate(itertools.permutations(editions), 910000))
    await abbey.on(MARCH)
    for urn, order in orders.items():
        for each in order:
            await listed(abbey, replace(each, urn=str(urn)))
    async with abbey.store.unit() as uow:
        found = await trusts_of(uow, list(map(str, orders)))
    periods = {tuple((each.trust_id, each.from_date, each.until) for each in found[str(urn)]) for urn in orders}
    assert periods == {((LARCH, date(2015, 9, 1), JANUARY), (ALDER, JANUARY, None))}


async def test_the_answer_of_a_day_names_the_trust_of_that_day_and_explains_it(two_trusts: Authority) -> None:
    """R0.4"""
    await listed(two_trusts, register(ALDER, DECEMBER))
    before = await two_trusts.do(lambda uow: who_speaks(uow, ELDER, "inspection", date(2023, 12, 3)))
    now = await two_trusts.do(lambda uow: who_speaks(uow, ELDER, "inspection", DECEMBER))
    assert (before["trust_name"], now["trust_name"]) == ("Larch Trust", "Alder Trust")
    told = await two_trusts.do(lambda uow: explain(uow, ELDER, on=date(2023, 12, 3), known=None))
    assert "Larch Trust" in str(told)


async def test_that_another_authority_begins_is_state_there_and_news_to_the_schools_of_a_shared_trust_here(
    abbey: Authority,
) -> None:
    """D3.10: what 801 is taken on with is news to nobody there; that the trust has a chief executive now is, in 937."""
    here, there = "900013", "910001"
    await abbey.on(DECEMBER)
    lines = [
        line(urn, authority=authority, type_code="34", trust_id="7003", trust_name="Two Counties")
        for urn, authority in ((here, "937"), (there, "801"))
    ]
    await abbey.do(lambda uow: keep_schools(uow, lines))
    for urn in (here, there):
        await abbey.publish(urn, DECEMBER, headline=4)
    await abbey.on(JANUARY)
    await abbey.forget_said()
    chief = TrustContact("7003", "chief-executive", abbey.people["newcomer"], JANUARY, None)
    body = Body(
        new_id(), "801", "excellence-group", "Quay", [], JANUARY, None, None, "04-01", new_id(), new_id(), new_id()
    )
    await abbey.do(lambda uow: take_on(uow, TakenOn("801", bodies=[body], trust_contacts=[chief])))
    (told,) = await abbey.said(REASSIGNED)
    assert (told.data["urn"], told.told, told.data["inspection_after"]["person_id"]) == (
        here,
        True,
        str(abbey.people["newcomer"]),
    )
