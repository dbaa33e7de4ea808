"""From when until when an answer holds: as the record has it, and where that has no day yet as the facts have it (R0.3)."""

from datetime import date, timedelta
from typing import Any

from services.membership.use_cases import appointments, la_category, offices, overrides
from services.membership.use_cases.who_speaks import who_speaks
from tests.store.membership.conftest import START, Authority

A_DAY = timedelta(days=1)
MARCH, JUNE = date(2024, 3, 1), date(2024, 6, 3)
SCHOOL = "900003"


async def answer(abbey: Authority, on: date | None = None, *, to_the_school: bool = False) -> dict[str, Any]:
    return await abbey.do(lambda uow: who_speaks(uow, SCHOOL, "general", on, to_the_school=to_the_school))


async def validity(abbey: Authority, on: date | None = None, *, to_the_school: bool = False) -> object:
    found = await answer(abbey, on, to_the_school=to_the_school)
    return found["valid_from"], found["valid_until"]


async def change_chair(abbey: Authority, name: str, on: date) -> None:
    await abbey.do(lambda uow: offices.change_office(
        uow, abbey.body_id, post="chair", person_id=abbey.people[name], from_date=on, route="meeting"
    ))  # fmt: skip


async def enter(abbey: Authority, category: int, on: date) -> None:
    await abbey.do(lambda uow: la_category.set_la_category(
        uow, SCHOOL, category=category, from_date=on, reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip


async def test_an_answer_of_today_says_until_when_where_its_end_is_recorded(abbey: Authority) -> None:
    """R0.3: whoever asks, and of a day that has gone and was answered by it too."""
    for reader in (False, True):
        assert await validity(abbey, to_the_school=reader) == (START, None)
    await change_chair(abbey, "newcomer", MARCH)
    for reader in (False, True):
        assert await validity(abbey, to_the_school=reader) == (START, MARCH)
    await abbey.on(START + A_DAY)
    assert await validity(abbey, START) == (START, MARCH)


async def test_a_date_that_changes_no_answer_ends_none(abbey: Authority) -> None:
    """R0.3: the deputy changes, and the chair speaks on; another chair ends it."""
    await abbey.do(lambda uow: offices.change_office(
        uow, abbey.body_id, post="deputy", person_id=abbey.people["leader"], from_date=MARCH, route="meeting"
    ))  # fmt: skip
    assert await validity(abbey) == (START, None)
    await change_chair(abbey, "newcomer", JUNE)
    assert await validity(abbey) == (START, JUNE)


async def test_what_is_planned_says_from_when_until_when_and_in_which_body(abbey: Authority) -> None:
    """R0.3: and not from the day that was asked for."""
    await change_chair(abbey, "newcomer", MARCH)
    await change_chair(abbey, "officer", JUNE)
    for reader in (False, True):
        planned = await answer(abbey, MARCH + 40 * A_DAY, to_the_school=reader)
        assert (planned["person_id"], planned["body_name"]) == (abbey.people["newcomer"], "Abbey")
        assert (planned["valid_from"], planned["valid_until"]) == (MARCH, JUNE)
        assert await validity(abbey, JUNE + A_DAY, to_the_school=reader) == (JUNE, None)


async def test_of_a_day_to_come_the_answer_of_today_holds_since_it_began_as_long_as_nothing_is_planned_before(
    abbey: Authority,
) -> None:
    """R0.3: two answers to one question would have two beginnings."""
    await abbey.on(START + 30 * A_DAY)
    await change_chair(abbey, "newcomer", MARCH)
    for reader in (False, True):
        assert await validity(abbey, MARCH - A_DAY, to_the_school=reader) == (START, MARCH)


async def test_until_when_an_answer_holds_does_not_show_the_head_an_act_inside_the_council(abbey: Authority) -> None:
    """R0.8: an entry that lies ahead ends the answer for officers alone; an office is no secret."""
    await enter(abbey, 4, MARCH)
    await change_chair(abbey, "newcomer", JUNE)
    assert await validity(abbey) == (START, MARCH)
    assert await validity(abbey, to_the_school=True) == (START, JUNE)
    assert await validity(abbey, MARCH + A_DAY) == (MARCH, None)
    assert await validity(abbey, MARCH + A_DAY, to_the_school=True) == (START, JUNE)


async def test_while_an_entry_is_held_back_the_head_hears_until_when_as_if_there_were_none(abbey: Authority) -> None:
    """R0.8: the duty desk answers for want of a leader until she is allocated, of which the head knows nothing."""
    await change_chair(abbey, "newcomer", JUNE)
    await abbey.on(MARCH)
    await enter(abbey, 4, MARCH)
    await abbey.do(lambda uow: appointments.allocate_system_leader(
        uow, SCHOOL, person_id=abbey.people["leader"], from_date=MARCH + 14 * A_DAY, until=None
    ))  # fmt: skip
    assert await validity(abbey) == (MARCH, MARCH + 14 * A_DAY)
    assert await validity(abbey, to_the_school=True) == (START, JUNE)


async def test_an_override_of_which_the_school_was_told_says_until_when(abbey: Authority) -> None:
    """W-19, R0.3: it expires on a day that was said from the start."""
    await abbey.do(lambda uow: overrides.set_override(
        uow, SCHOOL, matter="both", person_id=abbey.people["leader"], from_date=START, until=MARCH, reason="The chair is ill",
        set_by="officer",
    ))  # fmt: skip
    assert await validity(abbey, to_the_school=True) == (START, None)  # the chair, as far as she knows
    await abbey.do(lambda uow: la_category.record_school_told(uow, SCHOOL, told_on=START, told_by="officer"))
    for reader in (False, True):
        assert await validity(abbey, to_the_school=reader) == (START, MARCH)
