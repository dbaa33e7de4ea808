"""On a slow or busy machine a file is applied in chunks that fit into the time of one transaction (W-02, D3.1, D3.11)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.membership.use_cases.failed_imports import TOOK_TOO_LONG, apply_files
from services.membership.use_cases.pace import Pace
from shared.store import Store
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
