"""The look every two seconds finds all that the work would find, in one statement (D8, D3.10)."""

from datetime import date
from functools import partial

import pytest

from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.domain.school import Status
from services.membership.store import due
from services.membership.store.due import Due
from services.membership.store.waiting import Waiting, calls_under_way, waiting
from services.membership.use_cases import inspection_calls, la_category
from services.membership.use_cases.failed_imports import apply_files
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.pace import Pace
from services.membership.use_cases.turn_days import turn_days
from tests.statements import counted
from tests.store.membership.conftest import START, Authority, line
from tests.store.membership.test_imports import as_csv, first_lines, send

MONDAY, TUESDAY = date(2024, 1, 8), date(2024, 1, 9)


@pytest.fixture
async def idle(abbey: Authority) -> Authority:
    await abbey.on(MONDAY)
    assert not (await looked(abbey)).anything
    return abbey


async def looked(abbey: Authority) -> Waiting:
    return await waiting(abbey.store, LONGEST_JUMP)


async def _the_day_is(abbey: Authority, day: date) -> None:
    await abbey.do(lambda uow: uow.execute("update clock set today = $1", day))


async def _turned(abbey: Authority) -> None:
    while await abbey.do(turn_days):
        pass


async def test_a_look_is_one_statement_and_begins_no_transaction(idle: Authority) -> None:
    with counted(idle.store) as statements:
        await looked(idle)
        await calls_under_way(idle.store)
    assert len(statements) == 2


async def test_a_new_day_is_found_once_even_if_it_brings_nothing(idle: Authority) -> None:
    """It has to be noted as done, or the clock would be in doubt a week later."""
    await _the_day_is(idle, TUESDAY)
    assert (await looked(idle)).anything
    await _turned(idle)
    assert not (await looked(idle)).anything


@pytest.mark.parametrize("what", ["a fact", "a school's date", "a continuation"])
async def test_what_comes_on_this_day_is_found_until_it_is_done(idle: Authority, what: str) -> None:
    await _the_day_is(idle, TUESDAY)
    await _turned(idle)
    if what == "a fact":
        await idle.do(lambda uow: due.put_off(uow, [Due("head-moves", f"{idle.people['chair']}//900001", TUESDAY)]))
    elif what == "a school's date":
        await idle.do(lambda uow: uow.execute("update representation set next_due = $1 where urn = '900001'", TUESDAY))
    else:
        await idle.do(lambda uow: uow.execute("insert into to_follow (urn) values ('900012')"))
    assert (await looked(idle)).days
    await _turned(idle)
    assert not (await looked(idle)).days


async def test_what_is_for_a_later_day_is_not_found_before_it(idle: Authority) -> None:
    opening = line("900020", status=Status.PROPOSED, opened_on=TUESDAY)
    await idle.do(lambda uow: keep_schools(uow, [opening]))
    await idle.do(
        lambda uow: la_category.set_la_category(
            uow, "900003", category=3, from_date=TUESDAY, reason="A visit", review_on=None, set_by="officer"
        )
    )
    assert not (await looked(idle)).anything
    await _the_day_is(idle, TUESDAY)
    assert (await looked(idle)).anything


async def test_a_file_is_found_until_it_is_applied(idle: Authority) -> None:
    await send(idle.store, "gias", as_csv(first_lines(5)), "register.csv", as_at=START)
    assert (await looked(idle)).files
    while await apply_files(idle.store, Pace()):
        pass
    assert not (await looked(idle)).files


async def test_no_day_is_begun_by_a_clock_in_doubt(idle: Authority) -> None:
    """D3.10: somebody has to confirm it."""
    await idle.do(lambda uow: uow.execute("update clock set confirmed = false"))
    await _the_day_is(idle, date(2024, 3, 1))
    found = await looked(idle)
    assert (found.clock_in_doubt, found.days, found.anything) == (True, True, False)
    assert await idle.do(turn_days) == 0
    await idle.do(partial(turn_days, confirmed=True))
    assert not (await looked(idle)).clock_in_doubt


async def test_an_open_call_is_looked_after_until_it_is_closed(idle: Authority) -> None:
    """W-16"""
    assert not await calls_under_way(idle.store)
    call = (await idle.do(lambda uow: inspection_calls.start(uow, "900001", started_by="officer"))).call
    assert await calls_under_way(idle.store)
    await idle.do(lambda uow: inspection_calls.close(uow, call.call_id, reason="A mistake", by="officer"))
    assert not await calls_under_way(idle.store)
