"""On a slow or busy machine a file is applied in chunks that fit into the time of one transaction (W-02, D3.1, D3.11)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.membership.domain.failed_day import HELD_UP, LONGEST_WAIT
from services.membership.store import representation
from services.membership.use_cases.failed_imports import TOOK_TOO_LONG, apply_files
from services.membership.use_cases.import_files import APPLIED_AT_ONCE
from services.membership.use_cases.pace import Pace
from services.membership.use_cases.patience import Patience
from shared.store import Store, UnitOfWork
from tests.store.membership.national import state
from tests.store.membership.test_imports import DATA, GO_LIVE, OFSTED, as_csv, count, first_lines, on, send

OFSTED_LINES = (DATA / OFSTED).read_bytes()

# A machine that gets so many schools done in the time of a transaction, and no more: with them it waits for a lock that
# somebody else holds for good, until the server ends the transaction.
SLOW = """
    create or replace function public.too_slow() returns trigger language plpgsql security definer as $$
    begin
        if (select count(distinct urn) from new_lines) > {lines} then
            perform set_config('transaction_timeout', '0', true), set_config('transaction_timeout', '20ms', true);
            perform pg_advisory_xact_lock(1);
        end if;
        return null;
    end $$;
    create or replace trigger too_slow after insert on {table} referencing new table as new_lines
        for each statement execute function public.too_slow();
"""

Slow = Callable[[int], Awaitable[None]]


@pytest.fixture
def made(database: Any) -> Any:
    return database("membership")


@pytest.fixture
async def store(made: Any) -> AsyncIterator[Store]:
    store = Store(made.app_url, service="membership")
    await on(store, GO_LIVE)
    yield store
    await store.close()


@pytest.fixture
async def slow(made: Any) -> AsyncIterator[Slow]:
    """Gets so many schools done in one transaction."""
    owner = await asyncpg.connect(made.owner_url.replace("+asyncpg", ""))
    await owner.execute("select pg_advisory_lock(1)")

    async def slow(lines: int) -> None:
        await owner.execute(SLOW.format(lines=lines, table="membership.listing"))

    with capture_logs():
        yield slow
    await owner.close()


async def _work(store: Store) -> None:
    """As the worker does it, look after look."""
    pace = Pace()
    for _ in range(200):
        await apply_files(store, pace)
        if not await count(store, "select count(*) from import where state = 'applying'"):
            return
    raise AssertionError("it tries for ever")


async def test_a_chunk_that_takes_longer_than_a_transaction_may_is_applied_in_parts(
    store: Store, slow: Slow, database: Any
) -> None:
    """D3.1: it was undone and tried again whole, for ever. It ends as if the machine were fast."""
    await slow(60)
    await send(store, "ofsted", OFSTED_LINES, OFSTED)
    await _work(store)
    assert await count(store, "select count(*) from import where state = 'done'") == 1
    fast = Store(database("membership").app_url, service="membership")
    await on(fast, GO_LIVE)
    await send(fast, "ofsted", OFSTED_LINES, OFSTED)
    await _work(fast)
    assert await state(store) == await state(fast)
    assert await _report(store) == await _report(fast)
    await fast.close()


async def _report(store: Store) -> Any:
    async with store.unit() as uow:
        return tuple(await uow.row("select report::text, changed, kept_back, tries from import") or ())


async def test_the_same_file_again_tells_nothing_however_its_chunks_were_cut(store: Store, slow: Slow) -> None:
    await slow(60)
    await send(store, "ofsted", OFSTED_LINES, OFSTED)
    await _work(store)
    await store.run(lambda uow: uow.execute("delete from outbox"))
    await send(store, "ofsted", OFSTED_LINES, OFSTED)
    await _work(store)
    assert await count(store, "select count(*) from outbox") == 0
    assert await count(store, "select changed from import order by began_at desc limit 1") == 0


async def test_what_was_applied_of_a_chunk_that_was_cut_stays_when_the_process_dies(store: Store, slow: Slow) -> None:
    await slow(3)
    await send(store, "gias", as_csv(first_lines(10)), "register.csv")
    pace = Pace()
    while not await count(store, "select count(*) from school"):
        await apply_files(store, pace)
    assert await count(store, "select count(*) from school") == 2, "of ten five and then two, and here the process dies"
    await _work(store)
    assert await count(store, "select count(*) from school") == 10


async def test_line_by_line_if_it_must_be(store: Store, slow: Slow) -> None:
    await slow(1)
    await send(store, "gias", as_csv(first_lines(6)), "register.csv")
    await _work(store)
    assert await count(store, "select count(*) from school") == 6


async def test_a_line_that_takes_too_long_by_itself_has_failed_and_says_so(store: Store, slow: Slow) -> None:
    await slow(0)
    await send(store, "gias", as_csv(first_lines(3)), "register.csv")
    await _work(store)
    async with store.unit() as uow:
        found = await uow.row("select state, failed_line, failed_because from import")
    assert found is not None
    assert tuple(found) == ("failed", 2, TOOK_TOO_LONG)


@asynccontextmanager
async def locked(store: Store, urn: str) -> AsyncIterator[None]:
    """Somebody else holds the school; whoever meets it waits not three seconds but a moment."""
    begin = UnitOfWork.begin

    async def in_haste(uow: UnitOfWork) -> None:
        await begin(uow)
        await uow.execute("set local lock_timeout = '20ms'")

    async with store.unit() as holding:
        await holding.execute("set local idle_in_transaction_session_timeout = 0")
        await representation.lock(holding, [urn])
        with pytest.MonkeyPatch.context() as patched, capture_logs():
            patched.setattr(UnitOfWork, "begin", in_haste)
            yield


SMALLER = len(APPLIED_AT_ONCE)  # tries until a chunk is a single line
NEW = "select count(*) from school where name = 'New'"


async def _renamed(store: Store, lines: int) -> list[str]:
    """A register, of whose schools the next file has all as New."""
    rows = first_lines(lines)
    await send(store, "gias", as_csv(rows), "before.csv")
    await _work(store)
    await send(store, "gias", as_csv([row | {"EstablishmentName": "New"} for row in rows]), "register.csv")
    return [row["URN"] for row in rows]


async def test_lines_before_a_school_that_others_have_locked_are_applied_and_the_file_waits_for_it(
    store: Store,
) -> None:
    """D3.1: whoever holds it lets go of it; until then the file has not failed, and nobody need retry it."""
    urns = await _renamed(store, 6)
    now = [0.0]
    pace, patience = Pace(), Patience(clock=lambda: now[0])
    async with locked(store, urns[5]):
        for _ in range(SMALLER + 5):
            await apply_files(store, pace, patience)
        assert await count(store, NEW) == 5
        now[0] = LONGEST_WAIT.total_seconds()
        await apply_files(store, pace, patience)
    await apply_files(store, pace, patience)
    assert await count(store, NEW) == 6


async def test_a_lock_that_is_never_let_go_is_a_failure_in_sight_of_an_officer_and_keeps_no_later_file_back(
    store: Store,
) -> None:
    """W-02"""
    urns = await _renamed(store, 1)
    await send(store, "gias", as_csv(first_lines(1, URN="100001")), "later.csv")
    now = [0.0]
    pace, patience = Pace(), Patience(clock=lambda: now[0])
    async with locked(store, urns[0]):
        for seconds in (*[0.0] * SMALLER, LONGEST_WAIT.total_seconds() + 1):
            now[0] = seconds
            await apply_files(store, pace, patience)
        while await apply_files(store, pace, patience):
            pass
        async with store.unit() as uow:
            found = await uow.rows("select name, state, failed_because from import order by began_at offset 1")
    assert [tuple(row) for row in found] == [("register.csv", "failed", HELD_UP), ("later.csv", "done", None)]
