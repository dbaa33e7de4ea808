"""Schools join and leave bodies, and one body leads a school in two (R0.3, W-02)."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.body import Body, Membership
from services.membership.domain.continuity import AlreadyAMember, LeavesBeforeItJoins, NotAMember
from services.membership.domain.place import PlaceCorrection
from services.membership.domain.school import Status
from services.membership.store import bodies
from services.membership.use_cases import correct_places, places
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.messaging.cause import new_id
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_acts_before_the_turn import THEN, acts_before_the_turn

URN = "900001"  # the chair's own school: the deputy speaks for it
SCHOOL = "900003"
DAY, LATER = date(2024, 1, 8), date(2024, 4, 1)
JOINED, LEFT, REASSIGNED = "school.joined-body", "school.left-body", "representation.reassigned"


@pytest.fixture
async def network(abbey: Authority) -> UUID:
    """An area network with nobody in office yet."""
    await abbey.on(DAY)
    body = Body(new_id(), "937", "area-network", "Avon", (), START, None, None, "04-01", new_id(), new_id(), new_id())
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", bodies=[body])))
    await abbey.forget_said()
    return body.body_id


def join(body_id: UUID, urn: str, on: date, **more: Any) -> Any:
    return partial(places.join, body_id=body_id, urn=urn, from_date=on, by="an officer", **more)


async def leads(abbey: Authority, urn: str, day: date) -> list[UUID]:
    async with abbey.store.unit() as uow:
        return [
            each.body_id for each in await bodies.members_of_schools(uow, [urn]) if each.lead and each.holds_on(day)
        ]


async def test_a_school_that_joins_a_network_is_led_by_it_from_that_day_since_its_phase_is_the_highest(
    abbey: Authority, network: UUID
) -> None:
    """R0.3: as an all-through school is."""
    taken = await abbey.do(join(network, SCHOOL, DAY))
    assert (taken.lead, taken.changed) == (True, True)
    assert await leads(abbey, SCHOOL, DAY) == [network]
    assert await leads(abbey, SCHOOL, date(2024, 1, 7)) == [abbey.body_id]
    told = [(each.data["body_id"], each.data["lead"]) for each in await abbey.said(JOINED)]
    assert told == [(str(abbey.body_id), False), (str(network), True)]
    assert (await abbey.answers(SCHOOL))[-1][:3] == (DAY, None, "duty-desk")  # nobody in office there


async def test_a_school_joins_on_a_day_to_come_and_it_is_told_then(abbey: Authority, network: UUID) -> None:
    await abbey.do(join(network, SCHOOL, LATER, lead=False))
    assert await abbey.said() == []
    await abbey.on(LATER)
    assert [each.data["body_id"] for each in await abbey.said(JOINED)] == [str(network)]
    assert await leads(abbey, SCHOOL, LATER) == [abbey.body_id]


async def test_the_same_joining_and_leaving_again_change_and_tell_nothing(abbey: Authority, network: UUID) -> None:
    await abbey.do(join(network, SCHOOL, DAY))
    await abbey.forget_said()
    again = await abbey.do(join(network, SCHOOL, DAY))
    assert not again.changed
    leave = partial(places.leave, body_id=network, urn=SCHOOL, left_on=DAY.replace(day=9))
    await abbey.on(DAY.replace(day=9))
    assert (await abbey.do(leave)).changed
    await abbey.forget_said()
    assert not (await abbey.do(leave)).changed
    assert await abbey.said() == []


async def test_when_a_school_leaves_the_body_that_led_the_other_one_leads(abbey: Authority, network: UUID) -> None:
    await abbey.do(join(network, SCHOOL, DAY))
    await abbey.do(partial(places.leave, body_id=network, urn=SCHOOL, left_on=LATER))
    assert await leads(abbey, SCHOOL, DAY) == [network]
    assert await leads(abbey, SCHOOL, LATER) == [abbey.body_id]
    await abbey.forget_said()
    await abbey.on(LATER)
    assert [each.data["body_id"] for each in await abbey.said(LEFT)] == [str(network)]
    assert (await abbey.answers(SCHOOL))[-1][2:] == ("chair", abbey.people["chair"])


async def test_an_officer_names_another_lead_body_from_a_day_on(abbey: Authority, network: UUID) -> None:
    """R0.3, W-17: the chair of the named body counts from that day, and not before."""
    await abbey.do(join(network, SCHOOL, DAY))
    await abbey.forget_said()
    name = partial(places.name_lead_body, urn=SCHOOL, body_id=abbey.body_id, from_date=LATER, named_by="an officer")
    assert (await abbey.do(name)).changed
    assert not (await abbey.do(name)).changed
    assert await leads(abbey, SCHOOL, date(2024, 3, 31)) == [network]
    assert await abbey.said(REASSIGNED) == []
    await abbey.on(LATER)
    (told,) = await abbey.said(REASSIGNED)
    assert told.data["general_after"]["body_id"] == str(abbey.body_id)
    assert await leads(abbey, SCHOOL, LATER) == [abbey.body_id]


async def test_a_body_that_was_named_leads_on_when_the_school_joins_one_of_a_higher_phase(
    abbey: Authority, network: UUID
) -> None:
    name = partial(places.name_lead_body, urn=SCHOOL, body_id=abbey.body_id, from_date=DAY, named_by="an officer")
    await abbey.do(name)
    await abbey.do(join(network, SCHOOL, DAY))
    assert await leads(abbey, SCHOOL, DAY) == [abbey.body_id]


async def test_what_can_not_be_is_refused_in_a_sentence(abbey: Authority, network: UUID) -> None:
    with pytest.raises(AlreadyAMember, match="900003 belongs to Abbey from 1 September 2023 already"):
        await abbey.do(join(abbey.body_id, SCHOOL, DAY))
    with pytest.raises(NotAMember, match="900003 doesn't belong to Avon on 8 January 2024"):
        await abbey.do(partial(places.leave, body_id=network, urn=SCHOOL, left_on=DAY))
    with pytest.raises(NotAMember):
        await abbey.do(
            partial(places.name_lead_body, urn=SCHOOL, body_id=network, from_date=DAY, named_by="an officer")
        )
    with pytest.raises(LeavesBeforeItJoins, match="enter the first day"):
        await abbey.do(join(network, SCHOOL, LATER, until=DAY))


async def test_a_place_of_a_school_that_the_register_lacks_takes_effect_when_it_appears(abbey: Authority) -> None:
    """D3.11"""
    await abbey.on(DAY)
    await abbey.do(join(abbey.body_id, "900077", DAY))
    assert await abbey.answers("900077") == []
    await abbey.do(lambda uow: keep_schools(uow, [line("900077", DAY)]))
    assert (await abbey.answers("900077"))[-1][2:] == ("chair", abbey.people["chair"])


CLOSES, PLANNED, OPENS = date(2024, 2, 1), date(2024, 3, 1), date(2024, 5, 1)


@pytest.fixture
async def closing(abbey: Authority, network: UUID) -> None:
    """A school is to join the network in March, and the register then has it as closing in February."""
    await abbey.do(join(network, SCHOOL, PLANNED))
    await abbey.do(lambda uow: keep_schools(uow, [line(SCHOOL, DAY, closed_on=CLOSES)]))
    await abbey.forget_said()


@pytest.mark.usefixtures("closing")
async def test_a_place_planned_for_a_day_after_the_closing_of_its_school_is_not_told_on_that_day(
    abbey: Authority, network: UUID
) -> None:
    """W-02: meetings had a closed school in the body from then on."""
    await abbey.on(CLOSES)
    assert [each.data["body_id"] for each in await abbey.said(LEFT)] == [str(abbey.body_id)]
    await abbey.on(PLANNED)
    assert await abbey.said(JOINED) == []


@pytest.mark.usefixtures("closing")
async def test_where_the_school_opens_again_its_planned_place_is_told_then_and_once(
    abbey: Authority, network: UUID
) -> None:
    """R0.4: the days on which it was closed are told as none of the body."""
    await abbey.on(OPENS)
    for as_at in (OPENS, OPENS.replace(day=2)):
        await abbey.do(lambda uow, as_at=as_at: keep_schools(uow, [line(SCHOOL, as_at)]))  # type: ignore[misc]
        await abbey.on(as_at)
    assert await _told_of(abbey, network) == [JOINED]


@pytest.mark.usefixtures("closing")
async def test_where_the_closing_is_called_off_the_planned_place_is_told_on_its_day(
    abbey: Authority, network: UUID
) -> None:
    await abbey.do(lambda uow: keep_schools(uow, [line(SCHOOL, DAY.replace(day=20))]))
    await abbey.on(PLANNED)
    assert await _told_of(abbey, network) == [JOINED]


async def test_whoever_was_told_of_a_place_is_told_once_that_it_never_was_when_its_school_had_closed_before(
    abbey: Authority, network: UUID
) -> None:
    """W-02, R0.4: and of the place again, with its end, when the school is found to be open."""
    joined, until = date(2024, 1, 5), date(2024, 1, 20)
    await abbey.do(join(network, SCHOOL, joined, until=until))
    told = [(JOINED, "2024-01-05")]
    assert await _said_of(abbey, network) == told
    for as_at in (DAY, DAY.replace(day=9)):
        closed = line(SCHOOL, as_at, status=Status.CLOSED, closed_on=date(2024, 1, 4))
        await abbey.do(lambda uow, closed=closed: keep_schools(uow, [closed]))  # type: ignore[misc]
        await abbey.on(as_at)
    assert await _said_of(abbey, network) == [*told, (LEFT, "2024-01-05")]
    await abbey.on(until)
    assert await _said_of(abbey, network) == [*told, (LEFT, "2024-01-05")]
    await abbey.on(OPENS)
    await abbey.do(lambda uow: keep_schools(uow, [line(SCHOOL, OPENS)]))
    assert await _said_of(abbey, network) == [*told, (LEFT, "2024-01-05"), *told, (LEFT, "2024-01-20")]


async def test_a_place_of_a_school_that_had_closed_before_is_taken_on_and_told_to_nobody(
    abbey: Authority, network: UUID
) -> None:
    """W-02: nor that it ends there, is corrected or was never meant."""
    await abbey.do(lambda uow: keep_schools(uow, [line(SCHOOL, DAY, status=Status.CLOSED, closed_on=date(2024, 1, 4))]))
    await abbey.on(DAY.replace(day=9))
    place = Membership(network, SCHOOL, date(2024, 1, 5), None, lead=True)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", memberships=[place])))
    await abbey.do(partial(places.leave, body_id=network, urn=SCHOOL, left_on=DAY))
    why: dict[str, Any] = {"body_id": network, "urn": SCHOOL, "on": date(2024, 1, 6), "reason": "A slip"}
    earlier = PlaceCorrection(until=date(2024, 1, 7))
    await abbey.do(partial(correct_places.correct_place, correction=earlier, corrected_by="an officer", **why))
    await abbey.do(partial(correct_places.withdraw_place, withdrawn_by="an officer", **why))
    assert await _said_of(abbey, network) == []


@pytest.mark.parametrize(
    ("closes", "turned_to", "told"),
    [(None, DAY, []), (CLOSES, DAY, [JOINED, LEFT]), (CLOSES, PLANNED, [JOINED, LEFT])],
    ids=["it had closed", "it had not closed", "it had not closed, and the place had begun"],
)
async def test_what_the_register_says_before_the_turn_of_a_day_on_which_a_place_began_or_ended_is_told_once(
    abbey: Authority, network: UUID, closes: date | None, turned_to: date, told: list[str]
) -> None:
    """D3.10, W-02: the service was away on the days of the place."""
    await abbey.do(join(network, SCHOOL, PLANNED, until=PLANNED.replace(day=2)))
    await abbey.do(lambda uow: keep_schools(uow, [line(SCHOOL, DAY, closed_on=closes)]))
    await abbey.on(turned_to)
    status, closed_on = (Status.OPEN, None) if closes else (Status.CLOSED, CLOSES)
    said = line(SCHOOL, THEN, status=status, closed_on=closed_on)
    await acts_before_the_turn(abbey, lambda uow: keep_schools(uow, [said]))
    assert await _told_of(abbey, network) == told


async def _said_of(abbey: Authority, body_id: UUID) -> list[tuple[str, str]]:
    return [
        (each.type, each.data["from_date" if each.type == JOINED else "left_on"])
        for each in await abbey.said(JOINED, LEFT)
        if each.data["body_id"] == str(body_id)
    ]


async def _told_of(abbey: Authority, body_id: UUID) -> list[str]:
    return [each.type for each in await abbey.said(JOINED, LEFT) if each.data["body_id"] == str(body_id)]
