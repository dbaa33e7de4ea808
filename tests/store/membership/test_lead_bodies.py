"""A school in two bodies: which of them leads goes on through whatever else becomes of its places (R0.3, W-02)."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.body import Membership
from services.membership.domain.continuity import BelongsAgain
from services.membership.domain.office import Term
from services.membership.domain.place import PlaceCorrection
from services.membership.use_cases import places
from services.membership.use_cases.correct_places import correct_place, withdraw_place
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.take_on_places import NobodyLeads
from shared.messaging.cause import new_id
from tests.store.membership.conftest import START, Authority
from tests.store.membership.test_places import JOINED, LEFT, SCHOOL, join, leads
from tests.store.membership.test_places import network as network

DAY, LATER, NEXT = date(2024, 1, 8), date(2024, 1, 15), date(2024, 1, 22)


async def heard(abbey: Authority) -> list[tuple[str, str, str]]:
    """Of the first body alone."""
    return [
        (each.type, each.data.get("from_date") or each.data["left_on"], str(each.data.get("lead")))
        for each in await abbey.said(JOINED, LEFT)
        if each.data["body_id"] == str(abbey.body_id)
    ]


async def test_a_school_that_another_body_leads_for_a_while_leaves_neither(abbey: Authority, network: UUID) -> None:
    """R0.3: nobody hears that it left the body which ceases to lead it."""
    await abbey.do(join(network, SCHOOL, LATER, until=NEXT))
    await abbey.on(LATER)
    await abbey.on(NEXT)
    assert await heard(abbey) == [(JOINED, "2024-01-15", "False"), (JOINED, "2024-01-22", "True")]


async def test_a_school_that_leaves_and_joins_again_on_one_day_has_not_left(abbey: Authority, network: UUID) -> None:
    """W-02"""
    await abbey.do(partial(places.leave, body_id=abbey.body_id, urn=SCHOOL, left_on=LATER))
    await abbey.do(join(abbey.body_id, SCHOOL, LATER))
    await abbey.on(LATER)
    assert await heard(abbey) == [(JOINED, "2024-01-15", "True")]


async def test_a_body_said_to_lead_leads_on_when_the_school_joins_another(abbey: Authority, network: UUID) -> None:
    """R0.3: also where it led already when an officer said so."""
    await abbey.do(join(abbey.body_id, SCHOOL, START, lead=True))
    await abbey.do(join(network, SCHOOL, DAY))
    assert await leads(abbey, SCHOOL, DAY) == [abbey.body_id]


@pytest.mark.parametrize("on", [START, LATER], ids=["its first part", "its last part"])
async def test_a_place_is_corrected_whole_whichever_body_led_meanwhile(
    abbey: Authority, network: UUID, on: date
) -> None:
    """R0.3, R0.4"""
    await abbey.do(join(network, SCHOOL, DAY))
    await abbey.on(LATER)
    await abbey.do(lambda uow: correct_place(
        uow, abbey.body_id, SCHOOL, PlaceCorrection(until=LATER), on=on, reason="Why", corrected_by="officer"
    ))  # fmt: skip
    assert await leads(abbey, SCHOOL, START) == [abbey.body_id]
    await abbey.do(lambda uow: withdraw_place(
        uow, abbey.body_id, SCHOOL, on=START, reason="Why", withdrawn_by="officer"
    ))  # fmt: skip
    for day in (START, DAY):
        assert abbey.body_id not in await leads(abbey, SCHOOL, day)
    async with abbey.store.unit() as uow:
        left = await uow.value("select count(*) from membership where (urn, body_id) = ($1, $2)", SCHOOL, abbey.body_id)
    assert left == 0


def taken_on(abbey: Authority, **given: Any) -> Any:
    return abbey.do(lambda uow: take_on(uow, TakenOn("937", **given)))


async def test_a_body_taken_on_as_leading_leads_on_when_the_other_place_changes(
    abbey: Authority, network: UUID
) -> None:
    """R0.3"""
    await taken_on(abbey, memberships=[Membership(network, SCHOOL, DAY, None, False)])
    await abbey.do(partial(places.leave, body_id=network, urn=SCHOOL, left_on=NEXT))
    assert await leads(abbey, SCHOOL, LATER) == [abbey.body_id]
    await abbey.do(lambda uow: correct_place(
        uow, network, SCHOOL, PlaceCorrection(no_end=True), on=DAY, reason="Why", corrected_by="officer"
    ))  # fmt: skip
    assert await leads(abbey, SCHOOL, NEXT) == [abbey.body_id]


async def test_a_school_that_no_body_would_lead_is_not_taken_on(abbey: Authority, network: UUID) -> None:
    """R0.3: it would be answered by the duty desk though it is in a body."""
    with pytest.raises(NobodyLeads, match="No body would lead 900077 on 8 January 2024"):
        await taken_on(abbey, memberships=[Membership(network, "900077", DAY, None, False)])


async def test_what_is_taken_on_later_corrects_the_days_that_have_gone(abbey: Authority, network: UUID) -> None:
    """D3.10, decision 14: its deputy had been missing from the record, for the chair's own school."""
    acting = Term(new_id(), new_id(), network, "chair", abbey.people["newcomer"], DAY, None, "taken-on")
    await abbey.do(join(network, SCHOOL, DAY))
    await abbey.on(LATER)
    await abbey.forget_said()
    await taken_on(abbey, terms=[acting])
    (told,) = await abbey.said("history.corrected")
    assert (told.data["urn"], told.data["from_date"], told.data["until"]) == (SCHOOL, "2024-01-08", "2024-01-15")


async def test_a_place_is_known_whole_when_it_is_sent_again_whichever_body_leads_meanwhile(
    abbey: Authority, network: UUID
) -> None:
    """W-02: it was entered with no end, and a change of who leads is no end."""
    await abbey.do(join(network, SCHOOL, LATER, until=NEXT))
    again = TakenOn(authority="937", memberships=[Membership(abbey.body_id, SCHOOL, START, None, True)])
    assert (await abbey.do(lambda uow: take_on(uow, again))).memberships == 0
    assert not (await abbey.do(join(abbey.body_id, SCHOOL, START))).changed


def leaves(abbey: Authority, on: date) -> Any:
    return abbey.do(partial(places.leave, body_id=abbey.body_id, urn=SCHOOL, left_on=on))


BEFORE = date(2024, 1, 12)


async def test_a_school_left_before_another_body_began_to_lead_it_and_that_is_entered_afterwards(
    abbey: Authority, network: UUID
) -> None:
    """R0.3, R0.4: who leads from a later day is no new joining. The days on which it was in no body are corrected."""
    await abbey.do(join(network, SCHOOL, LATER))
    await abbey.on(NEXT)
    await abbey.forget_said()
    assert (await leaves(abbey, BEFORE)).until == BEFORE
    assert await heard(abbey) == [(LEFT, str(LATER), "None"), (LEFT, str(BEFORE), "None")]
    (told,) = await abbey.said("history.corrected")
    assert (told.data["what"], told.data["from_date"], told.data["until"]) == (
        "representation",
        str(BEFORE),
        str(LATER),
    )
    assert [await leads(abbey, SCHOOL, day) for day in (DAY, BEFORE, LATER)] == [[abbey.body_id], [], [network]]
    assert not (await leaves(abbey, BEFORE)).changed


async def test_a_school_left_on_the_day_on_which_another_body_began_to_lead_it(abbey: Authority, network: UUID) -> None:
    """R0.3, R0.4: it goes on being led by the other, so no day is seen otherwise."""
    await abbey.do(join(network, SCHOOL, LATER))
    await abbey.on(NEXT)
    await abbey.forget_said()
    assert (await leaves(abbey, LATER)).until == LATER
    assert await heard(abbey) == [(LEFT, str(LATER), "None")]
    assert await abbey.said("history.corrected") == []


@pytest.mark.parametrize("on", [BEFORE, LATER])
async def test_a_school_that_is_to_leave_before_another_body_leads_it_is_told_to_leave_once(
    abbey: Authority, network: UUID, on: date
) -> None:
    """R0.3, D3.10: planned, and told on its day."""
    await abbey.do(join(network, SCHOOL, LATER))
    await leaves(abbey, on)
    await abbey.on(NEXT)
    assert await heard(abbey) == [(LEFT, str(on), "None")]
    assert await leads(abbey, SCHOOL, LATER) == [network]


async def test_of_a_school_that_has_joined_again_since_the_earlier_place_is_corrected(
    abbey: Authority, network: UUID
) -> None:
    """R0.4: the refusal names the cure, and the cure is one."""
    await leaves(abbey, LATER)
    await abbey.on(LATER)
    await abbey.on(NEXT)
    await abbey.do(join(abbey.body_id, SCHOOL, NEXT))
    with pytest.raises(BelongsAgain, match=r"again from 22 January 2024: .*consortia correction place"):
        await leaves(abbey, BEFORE)
    await abbey.do(lambda uow: correct_place(
        uow, abbey.body_id, SCHOOL, PlaceCorrection(until=BEFORE), on=DAY, reason="Why", corrected_by="officer"
    ))  # fmt: skip
    days = (DAY, BEFORE, LATER, NEXT)
    assert [await leads(abbey, SCHOOL, day) for day in days] == [[abbey.body_id], [], [], [abbey.body_id]]
