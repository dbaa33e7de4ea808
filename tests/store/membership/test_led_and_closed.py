"""A school closes before another of its bodies was to lead it: the whole place ends with it (R0.3, W-02)."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest

from services.membership.domain.school import Status
from services.membership.store import bodies
from services.membership.use_cases import places
from services.membership.use_cases.close_body import close_body
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import registered
from tests.store.membership.test_lead_bodies import heard
from tests.store.membership.test_places import DAY, JOINED, LEFT, SCHOOL, join
from tests.store.membership.test_places import network as network

A_DAY = timedelta(days=1)
BEFORE, TURNS, AFTER = date(2024, 1, 15), date(2024, 1, 22), date(2024, 1, 29)  # the network is to lead from the second
Part = tuple[date, date | None, bool]


@pytest.fixture
async def to_be_led(abbey: Authority, network: UUID) -> UUID:
    """The school is to be led by the network, whose phase is higher, from a day to come."""
    await abbey.do(join(network, SCHOOL, TURNS))
    assert await parts(abbey, abbey.body_id) == [(START, TURNS, True), (TURNS, None, False)]
    return network


async def parts(abbey: Authority, body_id: UUID) -> list[Part]:
    async with abbey.store.unit() as uow:
        held = sorted(await bodies.members_of_schools(uow, [SCHOOL]), key=lambda each: each.from_date)
    return [(each.from_date, each.until, each.lead) for each in held if each.body_id == body_id]


async def closes(abbey: Authority, on: date, as_at: date = DAY) -> None:
    await registered(abbey, line(SCHOOL, as_at, closed_on=on, closing=True))


@pytest.mark.parametrize("on", [BEFORE, TURNS], ids=["before the day", "on the very day"])
async def test_a_place_ends_with_its_school_though_another_body_was_to_lead_it_from_later(
    abbey: Authority, to_be_led: UUID, on: date
) -> None:
    """W-02, D3.10: everybody hears that it leaves, once and on the day of closing."""
    await closes(abbey, on)
    assert await parts(abbey, abbey.body_id) == [(START, on, True)]
    await abbey.forget_said()
    await abbey.on(AFTER)
    assert await heard(abbey) == [(LEFT, str(on), "None")]


async def test_a_body_that_closes_on_the_day_from_which_another_leads_is_left_by_its_school(
    abbey: Authority, to_be_led: UUID
) -> None:
    """W-02, R0.3: what is left of the place ended on that day already, and went on in the next part."""
    await abbey.do(lambda uow: close_body(uow, abbey.body_id, closed_on=TURNS, reason="A merger"))
    assert await parts(abbey, abbey.body_id) == [(START, TURNS, True)]
    await abbey.forget_said()
    await abbey.on(AFTER)
    left = [
        (each.data["body_id"], each.data["left_on"]) for each in await abbey.said(LEFT) if each.data["urn"] == SCHOOL
    ]
    assert left == [(str(abbey.body_id), str(TURNS))]


@pytest.mark.parametrize("on", [BEFORE, TURNS])
async def test_a_closing_that_is_called_off_leaves_who_is_to_lead_as_it_was(
    abbey: Authority, to_be_led: UUID, on: date
) -> None:
    """R0.3, D3.11"""
    await closes(abbey, on)
    await registered(abbey, line(SCHOOL, DAY + A_DAY))
    assert await parts(abbey, abbey.body_id) == [(START, TURNS, True), (TURNS, None, False)]
    assert await parts(abbey, to_be_led) == [(TURNS, None, True)]
    await abbey.forget_said()
    await abbey.on(AFTER)
    assert await heard(abbey) == [(JOINED, str(TURNS), "False")]


async def test_a_closing_that_is_put_off_past_that_day_lets_the_other_body_lead_until_then(
    abbey: Authority, to_be_led: UUID
) -> None:
    """R0.3, D3.11"""
    await closes(abbey, BEFORE)
    await closes(abbey, AFTER, DAY + A_DAY)
    assert await parts(abbey, abbey.body_id) == [(START, TURNS, True), (TURNS, AFTER, False)]


async def test_a_closing_that_is_brought_forward_past_that_day_ends_the_whole_place(
    abbey: Authority, to_be_led: UUID
) -> None:
    """W-02"""
    await closes(abbey, AFTER)
    await closes(abbey, BEFORE, DAY + A_DAY)
    assert await parts(abbey, abbey.body_id) == [(START, BEFORE, True)]
    await registered(abbey, line(SCHOOL, DAY + 2 * A_DAY))
    assert await parts(abbey, abbey.body_id) == [(START, TURNS, True), (TURNS, None, False)]


async def test_a_body_named_to_lead_from_a_day_on_which_the_school_was_closed_leads_it_when_it_opens_again(
    abbey: Authority, network: UUID
) -> None:
    """R0.3, R0.4: both places were split on that day, and both ended before it."""
    await abbey.do(join(network, SCHOOL, DAY))
    await abbey.do(
        partial(places.name_lead_body, urn=SCHOOL, body_id=abbey.body_id, from_date=TURNS, named_by="officer")
    )
    await closes(abbey, BEFORE)
    assert await parts(abbey, network) == [(DAY, BEFORE, True)]
    await abbey.on(AFTER)
    await registered(abbey, line(SCHOOL, AFTER))
    assert (await parts(abbey, network))[-1] == (AFTER, None, False)
    assert (await parts(abbey, abbey.body_id))[-1] == (AFTER, None, True)


async def test_a_school_that_opens_again_is_led_by_the_body_that_was_to_lead_it_meanwhile(
    abbey: Authority, to_be_led: UUID
) -> None:
    """R0.3, R0.4"""
    await closes(abbey, BEFORE)
    await abbey.on(AFTER)
    await registered(abbey, line(SCHOOL, AFTER))
    assert await parts(abbey, abbey.body_id) == [(START, BEFORE, True), (AFTER, None, False)]
    assert await parts(abbey, to_be_led) == [(TURNS, None, True)]


async def test_a_place_ends_whole_where_the_closing_is_learned_when_the_other_body_leads(
    abbey: Authority, to_be_led: UUID
) -> None:
    """R0.4: what had been told of the part that never was is taken back."""
    await abbey.on(AFTER)
    await abbey.forget_said()
    await registered(abbey, line(SCHOOL, AFTER, status=Status.CLOSED, closed_on=BEFORE))
    assert await parts(abbey, abbey.body_id) == [(START, BEFORE, True)]
    assert await heard(abbey) == [(LEFT, str(TURNS), "None"), (LEFT, str(BEFORE), "None")]
