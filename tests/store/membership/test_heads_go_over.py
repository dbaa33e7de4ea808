"""A head whose leaving was entered for the day on which her school converts: her going over is told once (W-31, D3.10)."""

from datetime import date

from services.membership.domain.links import Link
from services.membership.use_cases import appointments, end_headships
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_continuity import (
    NEW,
    OPENING,
    asked,
    converts,
    linked,
    places,
    registered,
    turned,
)

CHAIRS_SCHOOL = "900001"
ENDED, BEGAN, MOVED = "headship.ended", "headship.began", "office-holder.moved-school"
MORNING_BEFORE = date(2024, 3, 31)


async def is_to_leave(abbey: Authority, on: date = OPENING) -> None:
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: end_headships.end_headship(uow, CHAIRS_SCHOOL, chair, ended_on=on))


async def heard(abbey: Authority) -> list[tuple[str, str | None, str | None]]:
    """What is told of headships, each with its school; of her office, between which schools it goes."""
    told = []
    for each in await abbey.said(ENDED, BEGAN, MOVED):
        urn, to_urn = each.data.get("urn") or each.data["from_urn"], each.data.get("to_urn")
        told.append((each.type, urn, to_urn))
    return told


GOES_OVER = [(ENDED, CHAIRS_SCHOOL, None), (BEGAN, NEW, None), (MOVED, CHAIRS_SCHOOL, NEW)]


async def the_clock_goes_to(abbey: Authority, day: date) -> None:
    """The day has come, and its turn isn't done."""
    await abbey.do(lambda uow: uow.execute("update clock set today = $1::date", day))


async def test_a_head_who_was_to_leave_on_the_day_of_the_conversion_goes_over_and_is_told_to_once(
    abbey: Authority,
) -> None:
    """An officer had entered that she leaves when her school closes, and the link was known before."""
    await is_to_leave(abbey)
    await converts(abbey, closes=CHAIRS_SCHOOL)
    await linked(abbey, (NEW, CHAIRS_SCHOOL))
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert await heard(abbey) == GOES_OVER


async def test_where_the_link_comes_on_the_very_day_before_its_turn_she_is_told_to_go_over_once(
    abbey: Authority,
) -> None:
    await is_to_leave(abbey)
    await converts(abbey, closes=CHAIRS_SCHOOL)
    await abbey.on(MORNING_BEFORE)
    await abbey.forget_said()
    await the_clock_goes_to(abbey, OPENING)
    await abbey.do(
        lambda uow: keep_links(uow, [Link(NEW, CHAIRS_SCHOOL, "Predecessor", None, "links", MORNING_BEFORE)])
    )
    await turned(abbey)
    assert await heard(abbey) == GOES_OVER


async def test_where_the_link_comes_when_she_was_told_to_have_left_she_is_not_told_to_leave_again(
    abbey: Authority,
) -> None:
    await is_to_leave(abbey)
    await converts(abbey, closes=CHAIRS_SCHOOL)
    await abbey.forget_said()
    await abbey.on(OPENING)
    await abbey.on(date(2024, 4, 3))
    assert await heard(abbey) == [(ENDED, CHAIRS_SCHOOL, None), (MOVED, CHAIRS_SCHOOL, None)]
    await abbey.forget_said()
    await linked(abbey, (NEW, CHAIRS_SCHOOL))
    assert await heard(abbey) == [(BEGAN, NEW, None), (MOVED, CHAIRS_SCHOOL, NEW)]


async def test_the_head_of_a_school_that_is_taken_in_does_not_head_the_one_that_takes_it_in(abbey: Authority) -> None:
    """W-31: as 138668, which had its own head when it took 142297 in; the register calls that link "Predecessor" too."""
    trust = {"trust_id": "7001", "trust_name": "Larch Trust"}
    academy = line(NEW, type_code="34", opened_on=date(2023, 10, 1), **trust)
    await registered(abbey, line(CHAIRS_SCHOOL, START, closed_on=OPENING), academy)
    await abbey.do(lambda uow: keep_links(uow, [Link(NEW, CHAIRS_SCHOOL, "Predecessor", OPENING, "links", START)]))
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert (BEGAN, NEW, None) not in await heard(abbey)
    assert ("head-of-continuing-school", NEW) in await asked(abbey)


async def test_a_head_who_moves_on_the_day_on_which_she_was_to_leave_is_told_to_once(abbey: Authority) -> None:
    """W-06: no school continues hers; she goes to another."""
    await is_to_leave(abbey)
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=OPENING))
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert await heard(abbey) == [
        (ENDED, CHAIRS_SCHOOL, None),
        (BEGAN, "900003", None),
        (MOVED, CHAIRS_SCHOOL, "900003"),
    ]


async def test_a_head_who_was_to_move_and_does_not_is_told_to_leave(abbey: Authority) -> None:
    """W-06: the headship to which she was to come was withdrawn; her leaving was not."""
    await is_to_leave(abbey)
    chair = abbey.people["chair"]
    await abbey.do(lambda uow: appointments.move_head(uow, chair, to_urn="900003", on=OPENING))
    await abbey.do(
        lambda uow: end_headships.withdraw_headship(
            uow, "900003", chair, on=OPENING, reason="She stays at home", withdrawn_by="officer"
        )
    )
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert await heard(abbey) == [(ENDED, CHAIRS_SCHOOL, None), (MOVED, CHAIRS_SCHOOL, None)]


async def test_a_school_that_was_to_leave_and_opens_again_on_one_day_before_its_turn_stays_where_it_was(
    abbey: Authority,
) -> None:
    """W-02: what was due of its places needs no telling first: readers end with the place that it has."""
    await converts(abbey, closes="900003")
    await abbey.on(MORNING_BEFORE)
    await abbey.forget_said()
    await the_clock_goes_to(abbey, OPENING)
    await abbey.do(lambda uow: keep_schools(uow, [line("900003", OPENING)]))
    await turned(abbey)
    told = [(each.type, each.data["from_date"]) for each in await abbey.said("school.joined-body", "school.left-body")]
    assert told == [("school.joined-body", str(OPENING))]
    assert await places(abbey, "900003") == {abbey.body_id: (OPENING, None, True)}
    assert (await abbey.answers("900003"))[-1][1:] == (None, "chair", abbey.people["chair"])
