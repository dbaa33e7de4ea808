"""A head who was to go over to the school that continues hers stays when the register says otherwise before the day."""

from datetime import date, timedelta

import pytest

from services.membership.domain.office import Correction
from services.membership.store import people
from services.membership.use_cases import end_headships
from services.membership.use_cases.places import leave
from tests.store.membership.conftest import Authority, line
from tests.store.membership.test_continuity import NEW, OPENING, asked, converts, linked, registered, turned
from tests.store.membership.test_heads_go_over import BEGAN, CHAIRS_SCHOOL, ENDED, MOVED, heard, is_to_leave

SINCE = date(2018, 9, 1)
CONVERTS, LATER = date(2023, 9, 2), date(2023, 9, 3)  # the edition that has the conversion, and the next one
THIRD = "900021"
Days = tuple[date, date | None]


async def heads(abbey: Authority, of: str = "chair") -> dict[str, Days]:
    async with abbey.store.unit() as uow:
        held = await people.headships(uow, people=[abbey.people[of]])
    return {each.urn: (each.from_date, each.until) for each in held}


async def is_to_go_over(abbey: Authority) -> None:
    await converts(abbey, closes=CHAIRS_SCHOOL)
    await linked(abbey, (NEW, CHAIRS_SCHOOL))
    assert (await heads(abbey))[NEW][0] == OPENING


async def means_nothing(abbey: Authority, kind: str = "Other") -> None:
    """A later file has no closing, and a link that doesn't say that the one school continues the other."""
    await registered(abbey, line(CHAIRS_SCHOOL, LATER))
    await linked(abbey, (NEW, CHAIRS_SCHOOL), kind=kind, as_at=CONVERTS)


@pytest.mark.parametrize("kind", ["Other", "Successor"])
async def test_a_head_stays_when_a_later_file_says_that_her_school_is_not_continued(
    abbey: Authority, kind: str
) -> None:
    """W-31, D3.11: the link means nothing, or is the other way round. Her award stays with her school, too."""
    await is_to_go_over(abbey)
    await means_nothing(abbey, kind)
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, None)}
    await abbey.forget_said()
    await abbey.on(OPENING)
    assert await abbey.said(ENDED, BEGAN, MOVED) == []


async def test_a_head_who_was_to_leave_one_day_leaves_on_it_when_her_school_is_not_continued(abbey: Authority) -> None:
    """W-06: what an officer had entered before is as it was, and is told on its day."""
    leaves = OPENING + timedelta(days=30)
    await is_to_leave(abbey, leaves)
    await is_to_go_over(abbey)
    assert (await heads(abbey))[CHAIRS_SCHOOL] == (SINCE, OPENING)
    await means_nothing(abbey)
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, leaves)}
    await abbey.forget_said()
    await abbey.on(leaves)
    assert await heard(abbey) == [(ENDED, CHAIRS_SCHOOL, None), (MOVED, CHAIRS_SCHOOL, None)]


async def test_what_an_officer_has_entered_of_a_head_since_stays(abbey: Authority) -> None:
    """W-06: she leaves before the day, so she wouldn't have gone over either."""
    leaves = OPENING - timedelta(days=10)
    await is_to_go_over(abbey)
    await is_to_leave(abbey, leaves)
    await turned(abbey)
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, leaves)}
    await means_nothing(abbey)
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, leaves)}


async def test_a_head_goes_over_to_no_school_that_turns_out_to_be_a_new_start(abbey: Authority) -> None:
    """W-31: of a sponsor-led academy the head is not assumed, and an officer is asked."""
    await is_to_go_over(abbey)
    await registered(abbey, line(NEW, LATER, type_code="28", opened_on=OPENING))
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, None)}
    assert ("head-of-continuing-school", NEW) in await asked(abbey)


async def test_whoever_never_headed_the_school_goes_over_to_none(abbey: Authority) -> None:
    """R0.4"""
    await is_to_go_over(abbey)
    await abbey.do(
        lambda uow: end_headships.withdraw_headship(
            uow, CHAIRS_SCHOOL, abbey.people["chair"], on=SINCE, reason="Wrong", withdrawn_by="officer"
        )
    )
    await turned(abbey)
    assert await heads(abbey) == {}


async def test_where_somebody_else_headed_the_school_she_goes_over_instead(abbey: Authority) -> None:
    """R0.4"""
    await is_to_go_over(abbey)
    right = Correction(person_id=abbey.people["newcomer"])
    await abbey.do(
        lambda uow: end_headships.correct_headship(
            uow, CHAIRS_SCHOOL, abbey.people["chair"], right, on=SINCE, reason="Wrong", corrected_by="officer"
        )
    )
    await turned(abbey)
    assert await heads(abbey) == {}
    assert await heads(abbey, "newcomer") == {CHAIRS_SCHOOL: (SINCE, OPENING), NEW: (OPENING, None)}


async def test_down_a_line_of_schools_nobody_goes_over_any_more(abbey: Authority) -> None:
    """W-31: hers goes on as a new school, and that one as a third; the first link means nothing in a later file. They are
    in no body, so nothing else has them looked at again."""
    await abbey.do(lambda uow: leave(uow, abbey.body_id, CHAIRS_SCHOOL, left_on=CONVERTS))
    await abbey.on(CONVERTS)
    await is_to_go_over(abbey)
    opens = OPENING + timedelta(days=9)
    await registered(abbey, line(THIRD, type_code="34", trust_id="7001", opened_on=opens))
    await linked(abbey, (THIRD, NEW))
    assert await heads(abbey) == {
        CHAIRS_SCHOOL: (SINCE, OPENING),
        NEW: (OPENING, opens),
        THIRD: (opens, None),
    }
    await means_nothing(abbey)
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, None)}


async def test_a_head_goes_over_to_the_school_that_a_later_file_names_instead(abbey: Authority) -> None:
    """D3.11"""
    await is_to_go_over(abbey)
    opens = OPENING + timedelta(days=9)
    await registered(
        abbey,
        line(CHAIRS_SCHOOL, LATER, closed_on=opens),
        line(THIRD, LATER, type_code="34", trust_id="7001", opened_on=opens),
    )
    await linked(abbey, (NEW, CHAIRS_SCHOOL), kind="Other", as_at=CONVERTS)
    await linked(abbey, (THIRD, CHAIRS_SCHOOL), as_at=CONVERTS)
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, opens), THIRD: (opens, None)}


async def test_a_head_who_has_gone_over_stays_there(abbey: Authority) -> None:
    """W-31: what has begun stays; an officer puts it right."""
    await is_to_go_over(abbey)
    await abbey.on(OPENING)
    await linked(abbey, (NEW, CHAIRS_SCHOOL), kind="Other", as_at=CONVERTS)
    assert await heads(abbey) == {CHAIRS_SCHOOL: (SINCE, OPENING), NEW: (OPENING, None)}
