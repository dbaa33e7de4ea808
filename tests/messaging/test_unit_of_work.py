"""One transaction: what was changed and what is said of it are committed together or not at all."""

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError

from infra.local.bare import BareStack
from shared.contracts.envelope import unpack
from shared.failures import RESTARTS, is_away, pause_before, sqlstate
from shared.messaging import outbox
from shared.messaging.cause import new_id
from shared.store import NOTIFY_CHANNEL, Store, UnitOfWork
from tests.eventually import PATIENCE
from tests.messaging.conftest import Side
from tests.messaging.proxy import proxy
from tests.messaging.sample import envelope, fetch, key_of, say, unsent


class ChangedMind(Exception):
    pass


async def _numbers(side: Side) -> list[tuple[str, int, str]]:
    rows = await fetch(
        side.store, "select key, headers, convert_from(value, 'utf8')::json->>'name' as said from outbox order by id"
    )
    return [(row.key, int(dict(unpack(row.headers))["ce_sequence"]), row.said) for row in rows]


async def test_a_rollback_takes_a_bulk_insert_and_its_outbox_rows_with_it(writer: Side) -> None:
    """I4: what was never committed is never said. A raw driver call would have committed by itself."""

    async def says_and_changes_its_mind(uow: UnitOfWork) -> None:
        await uow.execute(
            "insert into said select * from unnest($1::text[], $2::bigint[], $3::text[])",
            [key_of(1), key_of(2)],
            [1, 1],
            ["one", "two"],
        )
        say(uow, "any.v1", 1, "one")
        await uow.flush()
        assert await uow.value("select count(*) from outbox") == 1
        raise ChangedMind

    with pytest.raises(ChangedMind):
        await writer.store.run(says_and_changes_its_mind)
    assert await fetch(writer.store, "select * from said") == []
    assert await fetch(writer.store, "select * from outbox") == []
    assert await fetch(writer.store, "select * from stream_head") == []


async def test_twenty_writers_on_one_key_get_numbers_without_gaps_in_the_order_of_their_commits(writer: Side) -> None:
    """D3.2: half of them change their mind; their numbers are given to others."""
    committed: list[str] = []

    async def write(n: int) -> None:
        try:
            async with writer.store.unit() as uow:
                say(uow, "any.v1", 1, f"w{n}")
                await uow.flush()  # the head is ours from here to the end
                if n % 2:
                    raise ChangedMind
                committed.append(f"w{n}")
        except ChangedMind:
            pass

    await asyncio.gather(*(write(n) for n in range(40)))
    found = await _numbers(writer)
    assert [number for _, number, _ in found] == list(range(1, 21))
    assert [said for _, _, said in found] == committed


async def test_one_transaction_numbers_every_key_by_itself_and_keeps_the_order_of_recording(writer: Side) -> None:
    async with writer.store.unit() as uow:
        for urn, value in [(2, "a"), (1, "b"), (2, "c"), (1, "d"), (2, "e")]:
            say(uow, "any.v1", urn, value)
    async with writer.store.unit() as uow:
        say(uow, "any.v1", 2, "f")
        say(uow, "another.v1", 2, "g")
    assert await _numbers(writer) == [
        (key_of(2), 1, "a"),
        (key_of(1), 1, "b"),
        (key_of(2), 2, "c"),
        (key_of(1), 2, "d"),
        (key_of(2), 3, "e"),
        (key_of(2), 4, "f"),
        (key_of(2), 1, "g"),
    ]


async def test_the_id_of_an_event_is_minted_when_the_fact_is_recorded(writer: Side) -> None:
    """D3.1: what is sent twice carries one id, since the row holds it."""
    mine = new_id()
    async with writer.store.unit() as uow:
        uow.copy(envelope(key_of(1), id=mine), b"{}", topic="any.v1", key=key_of(1))
    (row,) = await fetch(writer.store, "select headers from outbox")
    assert dict(unpack(row.headers))["ce_id"] == str(mine).encode()


async def test_a_record_that_the_broker_would_refuse_is_refused_before_anything_is_written(writer: Side) -> None:

    async def says_too_much(uow: UnitOfWork) -> None:
        await uow.execute("insert into spoken values ('x', 1)")
        uow.unsent.append(unsent("any.v1", 1, "long" * 250_000))

    with pytest.raises(outbox.RecordTooLarge, match="900,000 at most"):
        await writer.store.run(says_too_much)
    assert await fetch(writer.store, "select * from spoken") == []


async def test_a_deadlock_restarts_the_whole_unit(writer: Side) -> None:
    """D3.1: 40P01 restarts the unit, and both say what they had to say exactly once."""
    async with writer.store.unit() as uow:
        await uow.execute("insert into spoken values ('a', 0), ('b', 0)")
    both = asyncio.Barrier(2)
    tries: list[str] = []

    async def cross(first: str, second: str) -> None:
        async def work(uow):
            tries.append(first)
            await uow.execute("update spoken set number = number + 1 where key = $1", first)
            if len(tries) <= 2:
                await both.wait()
            await uow.execute("update spoken set number = number + 1 where key = $1", second)
            say(uow, "any.v1", 1, f"{first} before {second}")

        await writer.store.run(work)

    await asyncio.gather(cross("a", "b"), cross("b", "a"))
    assert len(tries) >= 3
    assert [tuple(row) for row in await fetch(writer.store, "select key, number from spoken order by key")] == [
        ("a", 2),
        ("b", 2),
    ]
    assert sorted(said for _, _, said in await _numbers(writer)) == ["a before b", "b before a"]


async def test_a_restarted_unit_lets_the_other_go_first_and_longer_each_time(
    writer: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D3.1: at once, it would take its row back before the other has woken, and so on until one of them gives up."""
    paused: list[float] = []

    def noted(restart: int) -> float:
        paused.append(pause_before(restart))
        return paused[-1]

    async def always_in_the_way(uow: UnitOfWork) -> None:
        await uow.execute("do $$ begin raise exception 'in the way' using errcode = '40P01'; end $$")

    monkeypatch.setattr("shared.store.pause_before", noted)
    with pytest.raises(DBAPIError) as refused:
        await writer.store.run(always_in_the_way)
    assert sqlstate(refused.value) == "40P01"
    assert len(paused) == RESTARTS
    assert 0 < paused[0] <= paused[1] <= paused[2] < 0.1


async def test_a_commit_with_something_to_say_wakes_a_relay_of_another_process(writer: Side) -> None:
    """Debounced: NOTIFY takes a lock of the whole cluster at commit, so many commits share one."""
    import asyncpg

    heard: list[str] = []
    connection = await asyncpg.connect(writer.settings.database_url.replace("+asyncpg", ""))
    try:
        await connection.add_listener(NOTIFY_CHANNEL, lambda *_: heard.append("woken"))

        async def commit(n: int) -> None:
            async with writer.store.unit() as uow:
                say(uow, "any.v1", n, f"n{n}")

        await asyncio.gather(*(commit(n) for n in range(12)))
        assert writer.store._notifying is not None
        await writer.store._notifying
        await connection.fetch("select 1")
        assert 1 <= len(heard) < 12
    finally:
        await connection.close()


async def test_a_connection_that_died_without_a_word_is_given_up(stack: BareStack, writer: Side) -> None:
    """Half open, as after the loss of a host: the unit ends as if the database were away, and the next has a new one."""
    async with proxy(stack.ports.postgres) as between:
        url = writer.settings.database_url.replace(f":{stack.ports.postgres}/", f":{between.port}/")
        store = Store(url, service=writer.service, patience=0.5)
        unheard: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        try:
            assert await store.run(_one) == 1
            between.forsake()
            async with asyncio.timeout(PATIENCE):
                for _ in range(2):  # on the connection that was there, and on a new one
                    with pytest.raises(Exception) as given_up:
                        await store.run(_one)
                    assert is_away(given_up.value)
            assert unheard == []
            await between.mend()
            assert await store.run(_one) == 1
        finally:
            asyncio.get_running_loop().set_exception_handler(None)
            await store.close()


async def test_one_connection_that_died_speaks_for_all_that_are_as_old(stack: BareStack, writer: Side) -> None:
    """I10: a pool full of dead connections costs the patience of one, not that of each in turn."""
    async with proxy(stack.ports.postgres) as between:
        url = writer.settings.database_url.replace(f":{stack.ports.postgres}/", f":{between.port}/")
        store = Store(url, service=writer.service, patience=0.5)
        try:
            async with store.unit() as first, store.unit() as second, store.unit() as third:
                assert [await _one(each) for each in (first, second, third)] == [1, 1, 1]
            between.forsake()
            with pytest.raises(Exception) as given_up:
                await store.run(_one)
            assert is_away(given_up.value)
            await between.mend()
            assert [await store.run(_one) for _ in range(3)] == [1, 1, 1]
        finally:
            await store.close()


async def _one(uow: UnitOfWork) -> int:
    found: int = await uow.value("select 1")
    return found
