"""Members of meetings follow a term of office that was entered wrongly (W-25, R0.4)."""

from datetime import date
from uuid import UUID

import pytest

from shared.contracts.membership import Held, HeldAsTold, HeldSchool, OfficeCorrected
from tests.store.meetings.conftest import (
    CONSORTIUM,
    FEBRUARY,
    GROUP,
    JANUARY,
    MARCH,
    OAK,
    Meetings,
    leaves_the_chair,
    takes_the_chair,
)
from tests.store.meetings.test_members import ADA, BEA, chairs


def corrected(
    after: UUID | None,
    from_date: date = JANUARY,
    until: date | None = None,
    *,
    told_until: date | None = None,
    told_from: date = JANUARY,
    post: str = "chair",
) -> OfficeCorrected:
    """Ada's term of office; ``after`` None: it never was."""
    told = takes_the_chair(1, told_from, post=post)
    held = None
    if after is not None:
        schools = [HeldSchool(from_date=from_date, urn=OAK)]
        held = Held(person_id=after, from_date=from_date, until=until, ended=until is not None, schools=schools)
    return OfficeCorrected(
        term_id=told.term_id,
        office_id=told.office_id,
        body_id=told.body_id,
        post=told.post,
        route="meeting",
        before=HeldAsTold(person_id=told.person_id, from_date=told_from, until=told_until),
        after=held,
    )


async def said(meetings: Meetings, after: int) -> set[tuple[str, str, str, str]]:
    """Who joined and left what, after as many were told before."""
    found = set()
    for _, data, headers in (await meetings.published("members.changed"))[after:]:
        assert headers["key"] == f"937/body/{data['body_id']}"
        for what in ("joined", "left"):
            found |= {(data["body_id"], what, person, data["from_date"]) for person in data[what]}
    return found


def each(*changes: tuple[str, UUID, date]) -> set[tuple[str, str, str, str]]:
    return {
        (str(body), what, str(person), day.isoformat()) for body in (CONSORTIUM, GROUP) for what, person, day in changes
    }


async def told_twice(meetings: Meetings, on: date, fact: OfficeCorrected) -> None:
    await meetings.today_is(on)
    records = await meetings.hears(on, fact)
    await meetings.takes(records)


@pytest.fixture
async def seated(warwickshire: Meetings) -> Meetings:
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY))
    return warwickshire


async def test_another_person_was_the_chair(seated: Meetings) -> None:
    await told_twice(seated, MARCH, corrected(BEA))
    assert await said(seated, 2) == each(("left", ADA, JANUARY), ("joined", BEA, JANUARY))
    assert await chairs(seated, FEBRUARY) == [(BEA, None)]


async def test_a_chair_who_never_was_leaves_on_the_day_on_which_she_was_said_to_join(seated: Meetings) -> None:
    await told_twice(seated, MARCH, corrected(None))
    assert await said(seated, 2) == each(("left", ADA, JANUARY))
    assert await chairs(seated, FEBRUARY) == []
    assert await chairs(seated, JANUARY) == []


async def test_a_chair_who_began_on_another_day_joins_from_that_day(seated: Meetings) -> None:
    await told_twice(seated, MARCH, corrected(ADA, FEBRUARY))
    assert await said(seated, 2) == each(("left", ADA, JANUARY), ("joined", ADA, FEBRUARY))
    assert (await chairs(seated, JANUARY), await chairs(seated, FEBRUARY)) == ([], [(ADA, None)])


async def test_an_end_that_was_a_mistake_seats_her_again(seated: Meetings) -> None:
    await seated.hears(FEBRUARY, leaves_the_chair(1, FEBRUARY))
    await told_twice(seated, MARCH, corrected(ADA, told_until=FEBRUARY))
    assert await said(seated, 4) == each(("joined", ADA, FEBRUARY))
    assert await chairs(seated, MARCH) == [(ADA, None)]


async def test_an_end_that_was_forgotten_and_one_on_another_day(seated: Meetings) -> None:
    await told_twice(seated, MARCH, corrected(ADA, until=FEBRUARY))
    assert await said(seated, 2) == each(("left", ADA, FEBRUARY))
    await told_twice(seated, MARCH, corrected(ADA, until=MARCH, told_until=FEBRUARY))
    assert await said(seated, 4) == each(("left", ADA, MARCH))
    assert (await chairs(seated, FEBRUARY), await chairs(seated, MARCH)) == ([(ADA, None)], [])


async def test_whoever_had_left_is_not_told_to_leave_again(seated: Meetings) -> None:
    await seated.hears(FEBRUARY, leaves_the_chair(1, FEBRUARY))
    await told_twice(seated, MARCH, corrected(None, told_until=FEBRUARY))
    assert await said(seated, 4) == set()
    assert await chairs(seated, JANUARY) == []


async def test_a_beginning_that_was_put_off_is_told_again_on_its_day(seated: Meetings) -> None:
    """D3.10: the same term, taken up later after all."""
    await told_twice(seated, FEBRUARY, corrected(None))
    await seated.today_is(MARCH)
    await seated.hears(MARCH, takes_the_chair(1, MARCH))
    assert await said(seated, 4) == each(("joined", ADA, MARCH))
    assert await chairs(seated, MARCH) == [(ADA, None)]


async def test_a_deputys_correction_seats_nobody(warwickshire: Meetings) -> None:
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, post="deputy"))
    await told_twice(warwickshire, MARCH, corrected(BEA, post="deputy"))
    assert await said(warwickshire, 0) == set()
