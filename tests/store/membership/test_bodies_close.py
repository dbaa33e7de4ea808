"""A body closes: its schools leave it, its officers speak for nobody, and of schools left in no body the desk is asked."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.body import (
    Body,
    BodyIsClosed,
    ClosesAnotherDay,
    ClosesInThePast,
    ClosingNeedsReason,
    Membership,
    TermsBeginLater,
)
from services.membership.domain.office import Term
from services.membership.use_cases import offices, places
from services.membership.use_cases.close_body import BodyClosed, close_body
from services.membership.use_cases.desk_queue import desk_queue
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.who_speaks import who_speaks
from shared.messaging.cause import new_id
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import ACADEMIES, SCHOOLS, START, Authority, line
from tests.store.membership.test_continuity import turned

BOTH, ELM = "900030", "900003"
TODAY, CLOSES, LATER = date(2024, 3, 1), date(2024, 5, 1), date(2024, 6, 3)
LEFT, ENDED, RECORDED = "school.left-body", "office.ended", "body.recorded"


@pytest.fixture
async def network(abbey: Authority) -> Body:
    """An area network, which leads an all-through school that belongs to Abbey as well; its chair is the newcomer."""
    made = await network_in(abbey, None)
    await abbey.on(TODAY)
    await abbey.forget_said()
    return made


async def network_in(abbey: Authority, closed_on: date | None) -> Body:
    made = Body(
        new_id(), "937", "area-network", "Avon Network", ["Central"], START, closed_on, 500_000, "04-01", new_id(), new_id(),
        new_id(),
    )  # fmt: skip
    await abbey.do(lambda uow: keep_schools(uow, [line(BOTH, phase="All-through")]))
    given = TakenOn(
        authority="937",
        bodies=[made],
        terms=[Term(new_id(), new_id(), made.body_id, "chair", abbey.people["newcomer"], START, None, "taken-on")],
        memberships=[
            Membership(made.body_id, BOTH, START, None, True),
            Membership(abbey.body_id, BOTH, START, None, False),
        ],
    )
    await abbey.do(lambda uow: take_on(uow, given))
    return made


async def closes(abbey: Authority, body_id: UUID, on: date = CLOSES, reason: str = "A merger") -> BodyClosed:
    return await abbey.do(lambda uow: close_body(uow, body_id, closed_on=on, reason=reason))


async def answers(abbey: Authority, urn: str) -> tuple[str, str, Any]:
    found = await abbey.do(lambda uow: who_speaks(uow, urn, "general", None))
    return found["role"], found["rule"], found["body_id"]


async def asked(abbey: Authority) -> list[str]:
    queue = await abbey.do(lambda uow: desk_queue(uow, "937", after=None, limit=100))
    return sorted(each["urn"] for each in queue["items"] if each.get("about") == "school-in-no-body")


async def test_of_a_school_in_two_bodies_the_other_one_leads_from_the_day_on_which_one_closes(
    abbey: Authority, network: Body
) -> None:
    """W-02, R0.3"""
    closed = await closes(abbey, network.body_id)
    assert (closed.schools, closed.in_no_body, len(closed.terms)) == ([BOTH], [], 1)
    assert (await answers(abbey, BOTH))[2] == network.body_id
    await abbey.on(CLOSES)
    assert await answers(abbey, BOTH) == ("chair", "chair", abbey.body_id)
    assert await asked(abbey) == []


async def test_readers_hear_of_the_closing_at_once_and_of_places_and_offices_on_their_day(
    abbey: Authority, network: Body
) -> None:
    """W-02, W-31: funding ends the chair's award by the end of her office, as always."""
    await closes(abbey, network.body_id)
    (recorded,) = await abbey.said(RECORDED)
    assert recorded.data["closed_on"] == "2024-05-01"
    assert await abbey.said(LEFT, ENDED) == []
    await abbey.on(CLOSES)
    (left,) = await abbey.said(LEFT)
    (ended,) = await abbey.said(ENDED)
    assert (left.data["urn"], left.data["left_on"]) == (BOTH, "2024-05-01")
    assert (ended.data["body_id"], ended.data["ended_on"]) == (str(network.body_id), "2024-05-01")
    (told,) = await abbey.said("representation.reassigned", urn=BOTH)
    assert told.data["general_after"]["body_id"] == str(abbey.body_id)


async def test_of_each_school_that_is_left_in_no_body_the_desk_is_asked_until_it_is_in_one(
    abbey: Authority, network: Body
) -> None:
    """R0.3"""
    closed = await closes(abbey, abbey.body_id, TODAY)
    assert closed.in_no_body == sorted([*SCHOOLS, *ACADEMIES])
    assert await answers(abbey, ELM) == ("duty-desk", "no-body", None)
    assert await asked(abbey) == closed.in_no_body
    await abbey.do(lambda uow: places.join(uow, network.body_id, ELM, from_date=TODAY, by="ms officer"))
    assert ELM not in await asked(abbey)
    assert await answers(abbey, ELM) == ("chair", "chair", network.body_id)


async def test_a_body_that_closes_takes_neither_schools_nor_officers_for_longer(
    abbey: Authority, network: Body
) -> None:
    """W-02"""
    await closes(abbey, network.body_id)
    with pytest.raises(BodyIsClosed, match="Avon Network closes on 1 May 2024"):
        await abbey.do(lambda uow: places.join(uow, network.body_id, ELM, from_date=CLOSES, by="ms officer"))
    taken = await abbey.do(lambda uow: places.join(uow, network.body_id, ELM, from_date=TODAY, by="ms officer"))
    assert taken.until == CLOSES
    made = await abbey.do(
        lambda uow: offices.take_up_office(
            uow, network.body_id, post="deputy", person_id=abbey.people["officer"], from_date=TODAY, until=None,
            route="meeting",
        )
    )  # fmt: skip
    assert made.until == CLOSES


async def test_a_term_that_is_to_begin_when_the_body_is_closed_is_named_and_nothing_closes(
    abbey: Authority, network: Body
) -> None:
    """W-04, W-05"""
    await abbey.do(
        lambda uow: offices.change_office(
            uow, network.body_id, post="chair", person_id=abbey.people["officer"], from_date=LATER, route="meeting"
        )
    )
    with pytest.raises(TermsBeginLater, match="begins on 3 June 2024"):
        await closes(abbey, network.body_id)
    assert await abbey.said(RECORDED) == []


async def test_closed_again_on_the_same_day_it_is_the_same_and_on_another_it_is_refused(
    abbey: Authority, network: Body
) -> None:
    await closes(abbey, network.body_id)
    await abbey.forget_said()
    assert (await closes(abbey, network.body_id)).changed is False
    assert await abbey.said() == []
    with pytest.raises(ClosesAnotherDay, match="1 May 2024"):
        await closes(abbey, network.body_id, LATER)
    with pytest.raises(ClosesInThePast, match="Enter 1 March 2024 or a later day"):
        await closes(abbey, abbey.body_id, date(2024, 2, 1))
    with pytest.raises(ClosingNeedsReason):
        await closes(abbey, abbey.body_id, reason=" ")


async def test_a_body_that_was_recorded_as_closed_speaks_for_nobody_and_can_be_closed_for_good(
    abbey: Authority,
) -> None:
    """W-02, R0.3: taken on with the day of its closing, and with a place and a term that run on."""
    network = await network_in(abbey, TODAY)
    assert await answers(abbey, BOTH) == ("chair", "chair", network.body_id)
    await abbey.on(TODAY)
    assert await answers(abbey, BOTH) == ("duty-desk", "no-body", None)
    assert (await closes(abbey, network.body_id, TODAY)).schools == [BOTH]
    await turned(abbey)
    assert await answers(abbey, BOTH) == ("chair", "chair", abbey.body_id)


async def test_an_officer_closes_a_body_once_however_often_she_sends_it(
    abbey: Authority, network: Body, ask: Ask
) -> None:
    """W-02"""
    said = {"closed_on": "2024-05-01", "reason": "A merger"}
    for _ in range(2):
        answer = await ask(f"/bodies/{network.body_id}/close", OFFICER, said, key="close-avon")
        assert (answer.status_code, answer.json()["changed"]) == (200, True), answer.text
    assert len(await abbey.said(RECORDED)) == 1
