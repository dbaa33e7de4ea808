"""What follows when one school continues another: places, allocations, heads, in any order of files and dates (D3.11)."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.membership.domain.appointment import Allocation, Headship
from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Because
from services.membership.domain.links import Link
from services.membership.domain.listing import Source
from services.membership.domain.school import NotOpen, Status
from services.membership.domain.standing import standing
from services.membership.store import bodies, people
from services.membership.store.facts import facts_of
from services.membership.use_cases import appointments
from services.membership.use_cases.close_body import close_body
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.turn_days import turn_days
from services.membership.use_cases.who_speaks import who_speaks
from shared.messaging.cause import new_id
from tests.store.membership.conftest import SCHOOLS, START, Authority, line

OLD, OTHER, NEW = SCHOOLS[3], SCHOOLS[2], "900020"
OPENING = date(2024, 4, 1)
EVE = date(2024, 3, 31)
JOINED, LEFT, REASSIGNED = "school.joined-body", "school.left-body", "representation.reassigned"
Place = tuple[date, date | None, bool]


async def linked(abbey: Authority, *pairs: tuple[str, str], kind: str = "Predecessor", as_at: date = START) -> None:
    links = [Link(urn, other, kind, None, "links", as_at) for urn, other in pairs]
    await abbey.do(lambda uow: keep_links(uow, links))
    await turned(abbey)


async def turned(abbey: Authority) -> None:
    while await abbey.do(turn_days):
        pass


async def registered(abbey: Authority, *lines: Any) -> None:
    await abbey.do(lambda uow: keep_schools(uow, list(lines)))
    await turned(abbey)


async def converts(abbey: Authority, on: date = OPENING, *, type_code: str = "34", closes: str = OLD) -> None:
    """A maintained school is to close and an academy of one trust to open in its place."""
    trust = {"trust_id": "7001", "trust_name": "Larch Trust"} if type_code not in {"1", "5"} else {}
    opening = line(NEW, type_code=type_code, opened_on=on, **trust)
    await registered(abbey, line(closes, date(2023, 9, 2), closed_on=on), opening)


async def places(abbey: Authority, urn: str = NEW) -> dict[UUID, Place]:
    async with abbey.store.unit() as uow:
        held = await bodies.members_of_schools(uow, [urn])
    return {each.body_id: (each.from_date, each.until, each.lead) for each in held}


async def asked(abbey: Authority) -> list[tuple[str, str]]:
    async with abbey.store.unit() as uow:
        return [(row.kind, row.urn) for row in await uow.rows("select kind, urn from ask order by kind, urn")]


async def another_body(abbey: Authority, kind: str, *urns: str, lead: bool = True) -> UUID:
    """A second body, to which these schools belong."""
    body = Body(
        new_id(), "937", kind, f"The {kind}", (), START, None, None, "04-01", new_id(), new_id(), new_id()
    )  # fmt: skip
    given = TakenOn(
        "937", bodies=[body], memberships=[Membership(body.body_id, urn, START, None, lead) for urn in urns]
    )
    await abbey.do(lambda uow: take_on(uow, given))
    return body.body_id


async def test_a_school_that_converts_keeps_its_body_its_lead_body_and_its_chairs_answer(abbey: Authority) -> None:
    """W-02, D3.11: planned long before, told on the day and not earlier."""
    await abbey.forget_said()
    await converts(abbey)
    await linked(abbey, (NEW, OLD))
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True)}
    assert (await places(abbey, OLD)) == {abbey.body_id: (START, OPENING, True)}
    assert await abbey.said(JOINED, LEFT) == []
    await abbey.on(EVE)
    assert await abbey.said(JOINED, LEFT, REASSIGNED) == []
    await abbey.on(OPENING)
    assert [(each.type, each.data["urn"]) for each in await abbey.said(JOINED, LEFT)] == [(JOINED, NEW), (LEFT, OLD)]
    (told,) = await abbey.said(REASSIGNED, urn=NEW)
    assert (told.data["general_after"]["role"], told.data["general_after"]["body_id"]) == ("chair", str(abbey.body_id))
    assert await abbey.answers(NEW) == [(OPENING, None, "chair", abbey.people["chair"])]
    assert await abbey.answers(OLD) == [(START, OPENING, "chair", abbey.people["chair"])]


async def test_of_a_school_that_follows_and_is_closed_without_a_day_it_is_heard_once_that_it_has_left(
    abbey: Authority,
) -> None:
    """W-02, I2: its place is written with its end, by a link that comes late."""
    closed = line(NEW, type_code="1", opened_on=OPENING, status=Status.CLOSED)
    await registered(abbey, line(OLD, date(2023, 9, 2), closed_on=OPENING), closed)
    await abbey.on(date(2024, 5, 1))
    await abbey.forget_said()
    await linked(abbey, (NEW, OLD))
    assert [(each.type, each.data["urn"]) for each in await abbey.said(JOINED, LEFT)] == [(JOINED, NEW), (LEFT, NEW)]


async def test_whoever_asks_for_the_number_that_a_school_had_is_told_under_which_it_goes_on(abbey: Authority) -> None:
    """W-15: never missing."""
    await converts(abbey)
    await linked(abbey, (NEW, OLD))
    await abbey.on(OPENING)
    with pytest.raises(NotOpen, match=f"not open on 1 April 2024: ask for School {NEW} .{NEW}., which continues it"):
        await abbey.do(lambda uow: who_speaks(uow, OLD, "general", None))


@pytest.mark.parametrize("order", ["links first", "school first", "link after the opening"])
async def test_the_order_in_which_files_come_does_not_matter(abbey: Authority, order: str) -> None:
    """D3.11: facts for a URN that the register lacks are kept and take effect when it appears."""
    if order == "links first":
        await linked(abbey, (NEW, OLD))
        await converts(abbey)
    elif order == "school first":
        await converts(abbey)
        await linked(abbey, (NEW, OLD))
    else:
        await converts(abbey)
        await abbey.on(date(2024, 4, 3))
        assert (await abbey.answers(NEW))[-1][2] == "duty-desk"
        await linked(abbey, (NEW, OLD))
    await abbey.on(date(2024, 4, 5))
    assert await places(abbey) == {abbey.body_id: (OPENING, None, True)}
    assert (await abbey.answers(NEW))[-1][2:] == ("chair", abbey.people["chair"])


async def test_an_opening_that_is_put_off_takes_the_place_along(abbey: Authority) -> None:
    """Wilmcote was linked as of 1 April 2024 and opened on 1 September."""
    await converts(abbey)
    await linked(abbey, (NEW, OLD))
    later = date(2024, 9, 1)
    await registered(
        abbey,
        line(OLD, date(2024, 2, 1), closed_on=later),
        line(NEW, date(2024, 2, 1), type_code="34", trust_id="7001", opened_on=later),
    )
    assert await places(abbey) == {abbey.body_id: (later, None, True)}
    assert await places(abbey, OLD) == {abbey.body_id: (START, later, True)}
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert await abbey.said(JOINED, LEFT) == []
    await abbey.on(later)
    assert len(await abbey.said(JOINED, LEFT)) == 2


async def test_what_an_officer_decided_about_the_new_school_stands(abbey: Authority) -> None:
    """She put it into another body before the link was known."""
    other = await another_body(abbey, "special-group")
    await converts(abbey)
    part = TakenOn("937", memberships=[Membership(other, NEW, OPENING, None, True)])
    await abbey.do(lambda uow: take_on(uow, part))
    await linked(abbey, (NEW, OLD))
    assert await places(abbey) == {other: (OPENING, None, True)}


async def test_a_merged_school_takes_the_place_of_each_and_is_led_by_the_highest_phase(abbey: Authority) -> None:
    """R0.3: two predecessors, each led by a body of its own."""
    network = await another_body(abbey, "area-network")
    await abbey.do(lambda uow: uow.execute("update membership set body_id = $1 where urn = $2", network, OTHER))
    await registered(
        abbey,
        line(OLD, date(2023, 9, 2), closed_on=OPENING),
        line(OTHER, date(2023, 9, 2), closed_on=OPENING),
        line(NEW, type_code="1", opened_on=OPENING),
    )
    await linked(abbey, (NEW, OLD), (NEW, OTHER), kind="Predecessor - merged")
    assert await places(abbey) == {abbey.body_id: (OPENING, None, False), network: (OPENING, None, True)}


async def test_each_part_of_a_school_that_was_split_keeps_the_place(abbey: Authority) -> None:
    second = "900021"
    await registered(
        abbey,
        line(OLD, date(2023, 9, 2), closed_on=OPENING),
        line(NEW, opened_on=OPENING),
        line(second, opened_on=OPENING),
    )
    await linked(abbey, (NEW, OLD), (second, OLD), kind="Predecessor - Split School")
    for urn in (NEW, second):
        assert await places(abbey, urn) == {abbey.body_id: (OPENING, None, True)}


async def test_a_place_ends_with_a_school_that_nobody_continues_and_nobody_speaks_from_that_day(
    abbey: Authority,
) -> None:
    await registered(abbey, line(OLD, date(2023, 9, 2), closed_on=OPENING))
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert [each.data["left_on"] for each in await abbey.said(LEFT)] == ["2024-04-01"]
    assert (await abbey.answers(OLD))[-1][1] == OPENING
    assert await asked(abbey) == []


async def test_a_school_that_opens_again_is_in_its_bodies_again_from_the_day_on_which_that_is_known(
    abbey: Authority,
) -> None:
    await registered(abbey, line(OLD, date(2023, 9, 2), closed_on=OPENING))
    await abbey.on(date(2024, 6, 1))
    await registered(abbey, line(OLD, date(2024, 6, 1)))
    assert (await abbey.answers(OLD))[-1] == (date(2024, 6, 1), None, "chair", abbey.people["chair"])
    async with abbey.store.unit() as uow:
        held = await bodies.members_of_schools(uow, [OLD])
    assert sorted((each.from_date, each.until) for each in held if each.until) == [(START, OPENING)]
    assert [each.from_date for each in held if each.until is None] == [date(2024, 6, 1)]


async def test_of_a_school_that_opens_again_one_speaker_is_told_and_nothing_of_the_days_in_which_it_was_closed(
    abbey: Authority,
) -> None:
    """R0.4, D3.10: nobody spoke for it then, and it is not said now that somebody did."""
    await registered(abbey, line(OLD, date(2023, 9, 2), closed_on=OPENING))
    await abbey.on(date(2024, 6, 1))
    await abbey.forget_said()
    await registered(abbey, line(OLD, date(2024, 6, 1)))
    assert await abbey.said("history.corrected") == []
    (told,) = await abbey.said(REASSIGNED, urn=OLD)
    assert (told.data["general_before"], told.data["general_after"]["role"]) == (None, "chair")
    with pytest.raises(NotOpen, match="not open on 1 May 2024"):
        await abbey.do(lambda uow: who_speaks(uow, OLD, "general", date(2024, 5, 1)))


async def test_a_school_that_opens_again_when_its_body_has_closed_is_answered_by_the_desk(abbey: Authority) -> None:
    """R0.3, W-02"""
    await registered(abbey, line(OLD, date(2023, 9, 2), closed_on=OPENING))
    await abbey.on(date(2024, 6, 1))
    await abbey.do(lambda uow: close_body(uow, abbey.body_id, closed_on=date(2024, 6, 1), reason="A merger"))
    await registered(abbey, line(OLD, date(2024, 6, 1)))
    assert (await abbey.answers(OLD))[-1][2] == "duty-desk"


async def test_a_closing_that_is_called_off_leaves_the_place_as_it_was(abbey: Authority) -> None:
    """Open, but proposed to close; then open."""
    await registered(abbey, line(OLD, date(2023, 9, 2), closed_on=OPENING))
    await registered(abbey, line(OLD, date(2024, 1, 1)))
    assert await places(abbey, OLD) == {abbey.body_id: (START, None, True)}
    await abbey.on(date(2024, 5, 1))
    assert await abbey.answers(OLD) == [(START, None, "chair", abbey.people["chair"])]


async def test_an_allocation_goes_over_to_a_maintained_school_that_continues_one_school(abbey: Authority) -> None:
    """W-18; from the school 900002, to which the leader is allocated."""
    await converts(abbey, type_code="5", closes="900002")
    await linked(abbey, (NEW, "900002"))
    await abbey.on(OPENING)
    async with abbey.store.unit() as uow:
        spans = [
            (each.urn, each.person_id, each.from_date, each.until)
            for each in await people.allocations(uow, ["900002", NEW])
        ]
    leader = abbey.people["leader"]
    assert sorted(spans, key=lambda span: span[0]) == [
        ("900002", leader, START, OPENING),
        (NEW, leader, OPENING, None),
    ]
    told = {each.type: each for each in await abbey.said("allocation.made", "allocation.ended") if not each.told}
    assert set(told) == {"allocation.made", "allocation.ended"}  # acts inside the council, held until the school knows


@pytest.mark.parametrize("source", [Source.GIAS, Source.GIAS_MINIMAL])
async def test_a_closing_without_a_date_ends_places_and_allocations_and_the_days_before_stand(
    abbey: Authority, source: Source
) -> None:
    """R0.4, W-18: nobody corrects the days on which the school was open."""
    await abbey.on(date(2024, 6, 1))
    await abbey.forget_said()
    await registered(abbey, replace(line("900002", OPENING, status=Status.CLOSED), source=source))
    async with abbey.store.unit() as uow:
        (allocation,) = await people.allocations(uow, ["900002"])
        (place,) = await bodies.members_of_schools(uow, ["900002"])
    assert (allocation.until, place.until) == (OPENING, OPENING)
    corrected = [each.data for each in await abbey.said("history.corrected") if each.data["urn"] == "900002"]
    assert corrected
    assert {each["from_date"] for each in corrected} == {OPENING.isoformat()}


async def test_an_allocation_ends_when_its_school_converts_and_an_officer_is_asked(abbey: Authority) -> None:
    """W-19: the trust speaks for an academy."""
    await converts(abbey, closes="900002")
    await linked(abbey, (NEW, "900002"))
    await abbey.on(OPENING)
    async with abbey.store.unit() as uow:
        (allocation,) = await people.allocations(uow, ["900002", NEW])
    assert (allocation.urn, allocation.until) == ("900002", OPENING)
    assert ("allocation-after-continuity", NEW) in await asked(abbey)


async def test_a_chair_whose_school_converts_stays_chair_and_heads_the_converter(abbey: Authority) -> None:
    """W-31: funding follows the school that she heads; the deputy speaks for it as before (W-17)."""
    await converts(abbey, closes="900001")
    await linked(abbey, (NEW, "900001"))
    await abbey.forget_said()
    await abbey.on(EVE)
    assert await abbey.said("office-holder.moved-school") == []
    await abbey.on(OPENING)
    (moved,) = await abbey.said("office-holder.moved-school")
    assert (moved.data["from_urn"], moved.data["to_urn"], moved.data["moved_on"]) == ("900001", NEW, "2024-04-01")
    assert await abbey.said("office.ended") == []
    assert (await abbey.answers(NEW))[-1][2:] == ("deputy", abbey.people["deputy"])
    assert (await abbey.answers("900003"))[-1][2:] == ("chair", abbey.people["chair"])


async def test_a_head_who_goes_over_to_the_converter_goes_when_it_opens_and_not_when_it_was_to(
    abbey: Authority,
) -> None:
    await converts(abbey, closes="900001")
    await linked(abbey, (NEW, "900001"))
    later = date(2024, 9, 1)
    await registered(
        abbey,
        line("900001", date(2024, 2, 1), closed_on=later),
        line(NEW, date(2024, 2, 1), type_code="34", trust_id="7001", opened_on=later),
    )
    await abbey.on(OPENING)
    assert await abbey.said("office-holder.moved-school") == []
    await abbey.on(later)
    (moved,) = await abbey.said("office-holder.moved-school")
    assert moved.data["moved_on"] == "2024-09-01"


@pytest.mark.parametrize("type_code", ["28", "35"])
async def test_of_a_new_start_the_head_is_not_assumed_but_asked_for(abbey: Authority, type_code: str) -> None:
    await converts(abbey, type_code=type_code, closes="900001")
    await linked(abbey, (NEW, "900001"))
    await abbey.on(OPENING)
    async with abbey.store.unit() as uow:
        assert await people.headships(uow, urns=[NEW]) == []
    assert await asked(abbey) == [("head-of-continuing-school", NEW)]


async def test_a_head_who_leaves_before_the_conversion_does_not_go_over(abbey: Authority) -> None:
    await converts(abbey, closes="900001")
    await linked(abbey, (NEW, "900001"))
    await abbey.on(date(2024, 1, 10))
    chair, newcomer = abbey.people["chair"], abbey.people["newcomer"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=date(2024, 1, 10)))
    part = TakenOn("937", headships=[Headship(newcomer, "900001", date(2024, 1, 10), None)])
    await abbey.do(lambda uow: take_on(uow, part))
    await abbey.on(OPENING)
    async with abbey.store.unit() as uow:
        held = await people.headships(uow, urns=[NEW])
    assert [each.person_id for each in held if each.holds_on(OPENING)] == [newcomer]


FILES: Sequence[tuple[date, str, str, str]] = (
    (date(2024, 7, 17), "900031", "900032", "Predecessor - amalgamated"),
    (date(2024, 7, 17), "900032", "900031", "Successor - amalgamated"),
    (date(2025, 4, 22), "900031", "900032", "Successor - amalgamated"),
    (date(2025, 4, 22), "900032", "900031", "Predecessor - amalgamated"),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 3, 0, 1), (3, 0, 2, 1)])
async def test_a_link_that_was_turned_round_is_turned_round_in_any_order_of_files(
    abbey: Authority, order: tuple[int, ...]
) -> None:
    """As 145470 and 149728 were between the files of July 2024 and April 2025."""
    for place in order:
        as_at, urn, other, kind = FILES[place]
        await linked(abbey, (urn, other), kind=kind, as_at=as_at)
    async with abbey.store.unit() as uow:
        rows = await uow.rows("select urn, predecessor_urn, kind, merged, source_as_at from continuity")
    assert [tuple(row) for row in rows] == [("900032", "900031", "amalgamated", True, date(2025, 4, 22))]


async def test_of_one_day_the_line_of_links_that_was_sent_last_counts(abbey: Authority) -> None:
    """docs/files.md: to correct a file, send it again with the same day."""
    for stated in (date(2024, 3, 1), date(2024, 4, 1)):
        links = [Link(NEW, OLD, "Predecessor", stated, "links", START)]
        await abbey.do(lambda uow, links=links: keep_links(uow, links))  # type: ignore[misc]
    async with abbey.store.unit() as uow:
        assert await uow.value("select from_date from continuity") == date(2024, 4, 1)


async def test_the_same_links_again_change_and_tell_nothing(abbey: Authority) -> None:
    await converts(abbey)
    await linked(abbey, (NEW, OLD))
    await abbey.on(date(2024, 4, 5))
    await abbey.forget_said()
    await linked(abbey, (NEW, OLD))
    await abbey.on(date(2024, 4, 6))
    assert await abbey.said() == []
    assert set(await places(abbey)) == {abbey.body_id}


async def test_an_inspection_before_a_conversion_that_is_published_after_it_is_inherited_on_publication(
    abbey: Authority,
) -> None:
    """R0.1, D3.11: recorded under the school that was inspected, and true for the converter from its publication."""
    await converts(abbey)
    await linked(abbey, (NEW, OLD))
    published = date(2024, 4, 20)
    await abbey.on(published)
    await abbey.publish(NEW, published, headline=3, inspected=OLD)  # begun on 1 April, as that school's last
    async with abbey.store.unit() as uow:
        assert [row.urn for row in await uow.rows("select urn from outcome")] == [OLD]
        facts = (await facts_of(uow, [NEW]))[NEW]
    before, after = (standing(facts, day).category for day in (date(2024, 4, 19), published))
    assert (before.value, after.value) == (None, 3)
    assert (after.because, after.inherited_from, after.true_from) == ("inherited", OLD, published)


async def test_an_allocation_to_a_school_that_the_register_lacks_counts_when_it_appears(abbey: Authority) -> None:
    """D3.11, W-18"""
    await abbey.on(date(2024, 2, 1))
    urn, leader = "900078", abbey.people["leader"]
    part = TakenOn(
        "937",
        memberships=[Membership(abbey.body_id, urn, START, None, True)],
        allocations=[Allocation(new_id(), urn, leader, START, None)],
    )
    await abbey.do(lambda uow: take_on(uow, part))
    await abbey.publish(urn, date(2024, 2, 1), headline=4)
    assert await abbey.answers(urn) == []
    await registered(abbey, line(urn, date(2024, 2, 1)))
    assert (await abbey.answers(urn))[-1][2:] == ("system-leader", leader)


@pytest.mark.parametrize("order", list(itertools.permutations(["types", "links", "outcome"])), ids="-".join)
async def test_the_third_school_of_a_line_inherits_what_was_published_of_the_first(
    abbey: Authority, order: tuple[str, ...]
) -> None:
    """R0.1, D3.11: Ofsted lists the outcome with the first alone; each school carried on what the one before it was."""
    second, third = "900021", NEW
    converted, again = date(2021, 9, 1), date(2022, 9, 1)

    async def types() -> None:
        await registered(
            abbey,
            line(OLD, date(2023, 9, 2), status=Status.CLOSED, closed_on=converted),
            line(second, type_code="34", status=Status.CLOSED, opened_on=converted, closed_on=again),
            line(third, type_code="34", opened_on=again),
        )

    async def links() -> None:
        await linked(abbey, (third, second), (second, OLD))

    async def outcome() -> None:
        await abbey.publish(OLD, date(2020, 3, 2), headline=4)

    for what in order:
        await {"types": types, "links": links, "outcome": outcome}[what]()
    facts = await abbey.do(lambda uow: facts_of(uow, [third]))
    found = standing(facts[third], START).category
    assert (found.value, found.because, found.inherited_from) == (4, Because.INHERITED, OLD)
    async with abbey.store.unit() as uow:
        assert await uow.value("select category from representation where urn = $1", third) == 4


async def test_a_ring_of_lines_of_the_register_ends_nothing(abbey: Authority) -> None:
    await registered(abbey, line(NEW, opened_on=START))
    await abbey.do(
        lambda uow: uow.execute(
            "insert into continuity (urn, predecessor_urn, source, recorded_at) "
            "values ($1, $2, 'test', '2023-09-01'), ($2, $1, 'test', '2023-09-01')",
            NEW,
            OLD,
        )
    )
    await abbey.publish(OLD, START, headline=3)
    facts = await abbey.do(lambda uow: facts_of(uow, [NEW, OLD], known=START))
    assert len(facts[NEW].continuities) == 2
    assert standing(facts[OLD], START).category.value == 3
