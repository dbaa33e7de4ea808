"""What was written for a day to come, because a school continues another or closes, when a later file says otherwise.

And what is learned after its day: it counts from that day all the same, and no file's place among the others matters.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from services.membership.domain.links import Link
from services.membership.domain.school import Status
from services.membership.store import bodies, people
from services.membership.use_cases import corrections, la_category
from services.membership.use_cases.close_body import close_body
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.places import join, leave
from shared.store import UnitOfWork
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import (
    NEW,
    OPENING,
    OTHER,
    another_body,
    converts,
    linked,
    places,
    registered,
    turned,
)
from tests.store.membership.test_decisions_go_over import entered, entries

OLD, THIRD = "900002", "900021"  # a system leader is allocated to the first
LATER = START + timedelta(days=1)
A_DAY = timedelta(days=1)


async def allocated(abbey: Authority) -> dict[str, tuple[date, date | None]]:
    async with abbey.store.unit() as uow:
        return {each.urn: (each.from_date, each.until) for each in await people.allocations(uow, [OLD, NEW, THIRD])}


async def goes_on_as(abbey: Authority, urn: str = NEW, on: date = OPENING) -> None:
    """The register has a maintained school that opens in place of the old one, which closes."""
    await registered(abbey, line(OLD, LATER, closed_on=OPENING), line(urn, LATER, type_code="5", opened_on=on))
    await linked(abbey, (urn, OLD))


@pytest.mark.parametrize("kind", ["Other", "Successor"])
async def test_an_allocation_that_was_to_go_over_stays_when_a_later_file_says_that_it_is_not_continued(
    abbey: Authority, kind: str
) -> None:
    """W-18, D3.11: the link means nothing, or is the other way round."""
    await goes_on_as(abbey)
    assert await allocated(abbey) == {OLD: (START, OPENING), NEW: (OPENING, None)}
    await registered(abbey, line(OLD, LATER + A_DAY))
    await linked(abbey, (NEW, OLD), kind=kind, as_at=LATER)
    assert await allocated(abbey) == {OLD: (START, None)}
    assert await places(abbey) == {}
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert await abbey.said("allocation.made", "allocation.ended", "school.joined-body") == []


async def test_an_allocation_stays_when_the_closing_of_its_school_is_called_off(abbey: Authority) -> None:
    """W-18"""
    await registered(abbey, line(OLD, LATER, closed_on=OPENING))
    assert await allocated(abbey) == {OLD: (START, OPENING)}
    await registered(abbey, line(OLD, LATER + A_DAY))
    assert await allocated(abbey) == {OLD: (START, None)}


async def test_an_allocation_that_never_was_goes_over_to_no_school(abbey: Authority) -> None:
    """R0.4"""
    await goes_on_as(abbey)
    async with abbey.store.unit() as uow:
        (wrong,) = await people.allocations(uow, [OLD])
    await abbey.do(
        lambda uow: corrections.withdraw_allocation(uow, wrong.allocation_id, reason="Wrong", withdrawn_by="officer")
    )
    await turned(abbey)
    assert await allocated(abbey) == {}


async def test_an_allocation_goes_over_to_no_school_that_turns_out_to_be_an_academy(abbey: Authority) -> None:
    """W-18, W-19: the trust speaks for it."""
    await goes_on_as(abbey)
    await registered(abbey, line(NEW, LATER + A_DAY, type_code="28", opened_on=OPENING))
    assert await allocated(abbey) == {OLD: (START, OPENING)}


async def test_an_allocation_goes_over_after_all_to_a_school_that_turns_out_to_be_maintained(abbey: Authority) -> None:
    """W-18, D3.11: the register had it as an academy first, so the allocation was to end."""
    await registered(abbey, line(OLD, LATER, closed_on=OPENING), line(NEW, LATER, type_code="28", opened_on=OPENING))
    await linked(abbey, (NEW, OLD))
    assert await allocated(abbey) == {OLD: (START, OPENING)}
    await registered(abbey, line(NEW, LATER + A_DAY, type_code="5", opened_on=OPENING))
    assert await allocated(abbey) == {OLD: (START, OPENING), NEW: (OPENING, None)}


async def test_where_two_continue_a_school_one_after_the_other_its_allocation_goes_to_the_first(
    abbey: Authority,
) -> None:
    """W-18"""
    await goes_on_as(abbey)
    await registered(abbey, line(THIRD, LATER, type_code="5", opened_on=OPENING + 7 * A_DAY))
    await linked(abbey, (THIRD, OLD))
    assert await allocated(abbey) == {OLD: (START, OPENING), NEW: (OPENING, None)}
    await abbey.on(OPENING + 8 * A_DAY)
    assert await allocated(abbey) == {OLD: (START, OPENING), NEW: (OPENING, None)}


async def test_a_leader_whose_school_went_on_before_that_was_known_would_have_spoken_since(abbey: Authority) -> None:
    """R0.4: the days since are told as a correction."""
    await registered(abbey, line(OLD, LATER, closed_on=OPENING), line(NEW, LATER, type_code="5", opened_on=OPENING))
    await abbey.on(OPENING)
    await abbey.publish(NEW, OPENING, headline=4)
    await abbey.on(OPENING + 3 * A_DAY)
    await abbey.forget_said()
    await linked(abbey, (NEW, OLD))
    corrected = [each.data for each in await abbey.said("history.corrected", urn=NEW)]
    assert {(each["what"], each["from_date"]) for each in corrected} == {("representation", OPENING.isoformat())}
    assert (await abbey.answers(NEW))[-1][2] == "system-leader"


@pytest.mark.parametrize("links_first", [True, False])
async def test_a_closing_without_a_date_is_the_day_of_the_next_schools_opening_whichever_file_comes_first(
    abbey: Authority, links_first: bool
) -> None:
    """R0.4, D3.11"""
    await registered(abbey, line(NEW, LATER, opened_on=OPENING))
    await abbey.on(OPENING + 5 * A_DAY)
    if links_first:
        await linked(abbey, (NEW, OLD))
    await registered(abbey, line(OLD, OPENING + 5 * A_DAY, status=Status.CLOSED))
    if not links_first:
        await linked(abbey, (NEW, OLD))
    async with abbey.store.unit() as uow:
        assert await uow.value("select closed_on from school where urn = $1", OLD) == OPENING


async def test_a_closing_whose_day_a_line_takes_back_is_the_day_of_the_next_schools_opening(abbey: Authority) -> None:
    """R0.4, D3.11: of the same edition, and the link comes after it."""
    known = OPENING + 5 * A_DAY
    await registered(abbey, line(NEW, LATER, opened_on=OPENING))
    await abbey.on(known)
    await registered(abbey, line(OLD, known, status=Status.CLOSED, closed_on=OPENING + 2 * A_DAY))
    await registered(abbey, line(OLD, known, status=Status.CLOSED))
    await linked(abbey, (NEW, OLD))
    async with abbey.store.unit() as uow:
        assert await uow.value("select closed_on from school where urn = $1", OLD) == OPENING


async def test_a_place_further_down_the_line_stays_planned_when_something_is_written_of_the_first(
    abbey: Authority,
) -> None:
    """W-02: the old school goes on as a new one, and that one as a third, which takes in a school of another body later."""
    opens, takes_in = OPENING + 9 * A_DAY, OPENING + 60 * A_DAY
    network = await another_body(abbey, "area-network", OTHER, lead=False)
    await goes_on_as(abbey)
    await registered(abbey, line(THIRD, LATER, type_code="5", opened_on=opens))
    await linked(abbey, (THIRD, NEW))
    taken_in = Link(THIRD, OTHER, "Predecessor - merged", takes_in, "links", START)
    await abbey.do(lambda uow: keep_links(uow, [taken_in]))
    await abbey.on(OPENING)
    assert await places(abbey, THIRD) == {abbey.body_id: (opens, None, True), network: (takes_in, None, False)}
    await registered(abbey, line(OLD, LATER + A_DAY, name="As it was called", status=Status.CLOSED, closed_on=OPENING))
    assert await places(abbey, THIRD) == {abbey.body_id: (opens, None, True), network: (takes_in, None, False)}
    async with abbey.store.unit() as uow:  # nor was it taken back and written again
        assert await uow.value("select count(*) from membership_past where urn = $1", THIRD) == 0


async def test_the_lead_body_that_was_named_for_a_school_leads_the_one_that_continues_it_whatever_else_changes(
    abbey: Authority,
) -> None:
    """R0.3: it is in a network, too, whose phase is higher."""
    network = await another_body(abbey, "area-network", OLD, lead=False)
    await converts(abbey, closes=OLD)
    await linked(abbey, (NEW, OLD))
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True), network: (OPENING, None, False)}
    await abbey.on(OPENING)
    await abbey.do(lambda uow: leave(uow, network, NEW, left_on=OPENING + 2 * A_DAY))
    await abbey.on(OPENING + 3 * A_DAY)
    again = OPENING + 3 * A_DAY
    await abbey.do(lambda uow: join(uow, network, NEW, from_date=again, by="officer"))
    led = await abbey.do(lambda uow: _led_by(uow, again))
    assert led == abbey.body_id


async def _led_by(uow: UnitOfWork, on: date) -> Any:
    return await uow.value("select body_id from membership where urn = $1 and lead and during @> $2::date", NEW, on)


async def test_an_entry_that_was_lifted_before_the_next_school_opened_goes_over_to_none(abbey: Authority) -> None:
    """R0.1: its school had closed some days before."""
    await abbey.on(date(2024, 3, 1))
    await entered(abbey, on=date(2024, 3, 1))
    gone = OPENING - 5 * A_DAY
    await registered(
        abbey,
        line(OLD, date(2024, 3, 1), closed_on=gone),
        line(NEW, date(2024, 3, 1), type_code="5", opened_on=OPENING),
    )
    await linked(abbey, (NEW, OLD))
    assert [each.lifted_on for each in await entries(abbey)] == [None]
    await abbey.on(gone)
    await abbey.do(
        lambda uow: la_category.lift_la_category(
            uow, OLD, lifted_on=gone + A_DAY, reason="Over", lifted_by="ms officer"
        )
    )
    await turned(abbey)
    await abbey.on(OPENING)
    assert await entries(abbey) == []


async def test_a_school_that_is_open_again_until_it_closes_is_in_its_bodies_for_that_time_alone(
    abbey: Authority,
) -> None:
    """R0.4: of the days in which it was closed nobody hears that it belonged to one."""
    again, closes = OPENING + 5 * A_DAY, OPENING + 20 * A_DAY
    await registered(abbey, line(OLD, LATER, closed_on=OPENING))
    await abbey.on(again)
    await abbey.forget_said()
    await registered(abbey, line(OLD, again, closed_on=closes, closing=True))
    async with abbey.store.unit() as uow:
        held = await bodies.members_of_schools(uow, [OLD])
    assert sorted((each.from_date, each.until) for each in held) == [(START, OPENING), (again, closes)]
    (joined,) = await abbey.said("school.joined-body", "school.left-body")
    assert (joined.type, joined.data["from_date"]) == ("school.joined-body", again.isoformat())


@pytest.mark.parametrize("closes", [None, OPENING + 20 * A_DAY], ids=["for good", "until it closes"])
async def test_a_school_that_opens_again_when_its_body_has_closed_is_answered_by_the_desk_from_that_day_on(
    abbey: Authority, closes: date | None
) -> None:
    """R0.3, W-02: its place doesn't come back, so nothing that is written of it has the school looked at."""
    again = OPENING + 5 * A_DAY
    await registered(abbey, line(OLD, LATER, closed_on=OPENING))
    await abbey.on(OPENING + A_DAY)
    await abbey.do(
        lambda uow: close_body(uow, abbey.body_id, closed_on=OPENING + 2 * A_DAY, reason="A merger of consortia")
    )
    await abbey.on(again)
    await abbey.forget_said()
    await registered(abbey, line(OLD, again, closed_on=closes, closing=closes is not None))
    assert (await abbey.answers(OLD))[-1] == (again, None, "duty-desk", None)
    (told,) = await abbey.said("representation.reassigned", urn=OLD)
    assert (told.data["general_after"]["role"], told.data["valid_from"]) == ("duty-desk", again.isoformat())
    assert await abbey.said("school.joined-body", "school.left-body") == []
    if closes is not None:
        await abbey.on(closes)
        assert (await abbey.answers(OLD))[-1] == (again, closes, "duty-desk", None)
        assert await abbey.said("school.joined-body", "school.left-body") == []


async def test_a_school_that_closed_on_the_day_on_which_it_joined_joins_again_when_it_opens_again(
    abbey: Authority,
) -> None:
    """W-02: by the register it had closed when an officer entered the place, so it never was there until it opens."""
    network = await another_body(abbey, "area-network")
    await abbey.on(OPENING)
    await abbey.do(lambda uow: join(uow, network, OLD, from_date=OPENING, by="officer"))
    await registered(abbey, line(OLD, OPENING, status=Status.CLOSED, closed_on=OPENING))
    await abbey.on(OPENING + A_DAY)
    await registered(abbey, line(OLD, OPENING + A_DAY))
    told = await abbey.said("school.joined-body", "school.left-body")
    of_the_network = [each.type for each in told if each.data["body_id"] == str(network)]
    assert of_the_network == ["school.joined-body", "school.left-body", "school.joined-body"]


@pytest.mark.parametrize("late", [0, 2], ids=["that day", "days later"])
@pytest.mark.parametrize("status", [Status.OPEN, Status.PROPOSED])
async def test_a_school_that_is_to_open_again_on_a_day_to_come_is_in_its_bodies_from_that_day(
    abbey: Authority, status: Status, late: int
) -> None:
    """R0.3, W-02: the edition that says so comes before that day, while the school is closed; the desk is never asked."""
    known, again = OPENING + 5 * A_DAY, OPENING + 10 * A_DAY
    await registered(abbey, line(OLD, LATER, closed_on=OPENING))
    (before,) = await abbey.answers(OLD)
    await abbey.on(known)
    await abbey.forget_said()
    await registered(abbey, line(OLD, known, status=status, opened_on=again))
    assert await abbey.said("school.joined-body", "school.left-body", "history.corrected") == []
    await abbey.on(again + late * A_DAY)
    (joined,) = await abbey.said("school.joined-body", "school.left-body")
    assert (joined.type, joined.data["from_date"]) == ("school.joined-body", again.isoformat())
    (told,) = await abbey.said("representation.reassigned", urn=OLD)
    assert (told.data["general_after"]["role"], told.data["valid_from"]) == ("chair", again.isoformat())
    assert (await abbey.answers(OLD))[-1] == (again, None, "chair", before[3])


async def test_a_school_that_is_proposed_to_open_again_is_in_its_bodies_when_it_does(abbey: Authority) -> None:
    """R0.3, W-02: no edition has given the day before it came."""
    again = OPENING + 10 * A_DAY
    await registered(abbey, line(OLD, LATER, closed_on=OPENING))
    await abbey.on(OPENING + 5 * A_DAY)
    await abbey.forget_said()
    await registered(abbey, line(OLD, OPENING + 5 * A_DAY, status=Status.PROPOSED))
    await abbey.on(again)
    await registered(abbey, line(OLD, again))
    (joined,) = await abbey.said("school.joined-body", "school.left-body")
    assert (joined.type, joined.data["from_date"]) == ("school.joined-body", again.isoformat())
    (told,) = await abbey.said("representation.reassigned", urn=OLD)
    assert told.data["general_after"]["role"] == "chair"
    assert await abbey.said("history.corrected") == []
