"""The consumer on the real broker: no record without a fate, whatever fails."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka import TopicPartition

from infra.local.bare import BareStack
from shared.contracts.membership import SchoolRecorded
from shared.messaging import keys
from shared.messaging.consumer import Consumer
from shared.messaging.inbound import Inbound
from shared.messaging.inbox import Record
from shared.store import Store
from tests.eventually import PATIENCE, eventually
from tests.messaging.conftest import Side
from tests.messaging.on_topic import put
from tests.messaging.proxy import proxy
from tests.messaging.sample import ByHand, Reader, fetch, note, noted, parked, say

NO_PAUSE = (0.0, 0.0, 0.0, 0.0)


@pytest.fixture
async def consume(reader: Side, own_topic: str) -> AsyncIterator[Callable[..., object]]:
    """Starts a consumer of the reader on the test's own topic; stopped at the end."""
    started: list[Consumer] = []

    async def start(inbound: Inbound, *, store: Store | None = None, **how: object) -> Consumer:
        how = {"pauses": NO_PAUSE, "topics": [own_topic], "group": reader.group} | how
        consumer = Consumer(store or reader.store, reader.settings, inbound, reader.service, **how)
        started.append(consumer)
        await consumer.start()
        return consumer

    yield start
    for each in started:
        await each.stop()


async def _committed(consumer: Consumer, topic: str) -> int:
    places = [TopicPartition(topic, number) for number in range(3)]
    return sum([await consumer.client.committed(place) or 0 for place in places])


async def test_what_is_committed_here_is_applied_there_once_and_in_order(
    writer: Side, reader: Side, own_topic: str, consume
) -> None:
    """The whole path: unit of work, outbox, relay, broker, consumer, inbox, handler."""
    mine = Reader()
    consumer = await consume(mine.inbound())
    for batch in range(3):
        async with writer.store.unit() as uow:
            for n in range(5):
                for urn in range(8):
                    say(uow, own_topic, urn, f"{urn}: {batch * 5 + n}")
        await writer.drain()
    expected = {str(urn): [f"{urn}: {n}" for n in range(15)] for urn in range(8)}
    await eventually(lambda: _noted_is(reader, expected))
    await eventually(lambda: _committed_is(consumer, own_topic, 120))
    assert await parked(reader.store) == []


async def _noted_is(side: Side, expected: dict[str, list[str]]) -> bool:
    assert await noted(side.store) == expected
    return True


async def _committed_is(consumer: Consumer, topic: str, expected: int) -> bool:
    assert await _committed(consumer, topic) == expected
    return True


async def test_offsets_are_committed_only_after_the_transaction(reader: Side, own_topic: str, consume) -> None:
    """A crash in between reads the batch again; the other way round it would be lost."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(events, uow) -> None:
        entered.set()
        await go_on.wait()
        await note(events, uow)

    consumer = await consume(Inbound(reactions={SchoolRecorded: slow}))
    await put(reader.settings, own_topic, [ByHand().record(1, 1, "a")])
    await asyncio.wait_for(entered.wait(), PATIENCE)
    assert await _committed(consumer, own_topic) == 0
    go_on.set()
    await eventually(lambda: _committed_is(consumer, own_topic, 1))
    assert await noted(reader.store) == {"1": ["a"]}


async def test_a_handler_that_raises_parks_the_culprit_alone(reader: Side, own_topic: str, consume) -> None:
    """D3.6: the failed batch runs again one message at a time."""
    mine = Reader(ill={"2: 2"})
    hand = ByHand()
    records = [hand.record(urn, n, f"{urn}: {n}") for n in (1, 2, 3) for urn in (1, 2, 3)]
    await put(reader.settings, own_topic, records)
    consumer = await consume(mine.inbound())
    await eventually(lambda: _committed_is(consumer, own_topic, 9))
    assert await noted(reader.store) == {
        "1": ["1: 1", "1: 2", "1: 3"],
        "2": ["2: 1"],
        "3": ["3: 1", "3: 2", "3: 3"],
    }
    assert await parked(reader.store) == [("2", "parked", "handler"), ("2", "waiting", "behind")]
    (row,) = await fetch(reader.store, "select detail from parked where status = 'parked'")
    assert row.detail == "Ill: 2: 2"


async def test_poison_of_every_kind_goes_by_and_its_good_neighbours_are_applied(
    reader: Side, own_topic: str, consume
) -> None:
    """I9: what FastStream's typed batch would lose, or stop at for ever."""
    hand = ByHand()
    good = [hand.record(urn, 1, f"{urn}") for urn in range(6)]
    bad = [
        Record(own_topic, 0, 0, None, b"no key", good[0].headers),
        Record(own_topic, 0, 0, "937/school/9", b"\x00", []),
        Record(own_topic, 0, 0, "937/school/9", b"x", [("ce_id", b"\xff\xfe"), ("\x00", b"\x00")]),
        Record(own_topic, 0, 0, "nul\x00key", good[0].value, good[0].headers),
        Record(own_topic, 0, 0, "", None, []),
    ]
    mixed = [each for pair in zip(good, [*bad, bad[0]], strict=True) for each in pair]
    await put(reader.settings, own_topic, mixed)
    consumer = await consume(Reader().inbound())
    await eventually(lambda: _committed_is(consumer, own_topic, 12))
    found = await noted(reader.store)
    assert {urn: found[urn] for urn in map(str, range(1, 6))} == {str(urn): [str(urn)] for urn in range(1, 6)}
    assert [status for _, status, _ in await parked(reader.store)] == ["aside"] * 5


async def test_a_value_that_the_database_driver_refuses_parks_its_message(
    reader: Side, own_topic: str, consume
) -> None:
    """asyncpg raises on the client's side here, without a code of the server; waiting for the database would not end."""

    async def overflows(events, uow) -> None:
        await uow.execute("insert into school_kept values ('x', 'x', $1)", 2**40)

    consumer = await consume(Inbound(reactions={SchoolRecorded: overflows}))
    await put(reader.settings, own_topic, [ByHand().record(1, 1, "a")])
    await eventually(lambda: _committed_is(consumer, own_topic, 1))
    assert await parked(reader.store) == [("1", "parked", "handler")]


async def test_a_lock_that_is_not_given_in_five_tries_parks_the_message(reader: Side, own_topic: str, consume) -> None:
    """D3.8: transient, one message; others are applied meanwhile."""
    tries: list[int] = []

    async def wants_a_lock(events, uow) -> None:
        if any(event.data.name == "wants" for event in events):
            tries.append(1)
            await uow.execute("set local lock_timeout = '10ms'")
            await uow.execute("update school_kept set changes = changes + 1")
        await note(events, uow)

    inbound = Inbound(reactions={SchoolRecorded: wants_a_lock})
    async with reader.store.unit() as uow:
        await uow.execute("insert into school_kept values ('x', 'x', 1)")
    async with reader.store.unit() as holder:
        await holder.rows("select * from school_kept for update")
        consumer = await consume(inbound)
        await put(reader.settings, own_topic, [ByHand().record(1, 1, "wants"), ByHand().record(2, 1, "other")])
        await eventually(lambda: _committed_is(consumer, own_topic, 2))
    assert await parked(reader.store) == [("1", "parked", "transient")]
    assert await noted(reader.store) == {"2": ["other"]}
    assert len(tries) in (5, 6)  # once in the batch, if both came in one, then five times by itself


async def test_a_lock_that_is_given_in_the_end_parks_nothing(reader: Side, own_topic: str, consume) -> None:
    tries: list[int] = []

    async def wants_a_lock(events, uow) -> None:
        tries.append(1)
        if len(tries) < 4:
            await uow.execute("set local lock_timeout = '10ms'")
            await uow.execute("update school_kept set changes = changes + 1")
        await note(events, uow)

    async with reader.store.unit() as uow:
        await uow.execute("insert into school_kept values ('x', 'x', 1)")
    async with reader.store.unit() as holder:
        await holder.rows("select * from school_kept for update")
        consumer = await consume(Inbound(reactions={SchoolRecorded: wants_a_lock}))
        await put(reader.settings, own_topic, [ByHand().record(1, 1, "a")])
        await eventually(lambda: _committed_is(consumer, own_topic, 1))
    assert await parked(reader.store) == []
    assert await noted(reader.store) == {"1": ["a"]}


async def test_a_deadlock_in_a_handler_restarts_the_batch_whole(reader: Side, own_topic: str, consume) -> None:
    """D3.1: 40P01 inside a handler is no reason to take five hundred records one at a time."""
    sizes: list[int] = []

    async def deadlocks_once(events, uow) -> None:
        sizes.append(len(events))
        if len(sizes) == 1:
            await uow.execute("do $$ begin raise exception 'deadlock detected' using errcode = '40P01'; end $$")
        await note(events, uow)

    hand = ByHand()
    await put(reader.settings, own_topic, [hand.record(urn, 1, str(urn)) for urn in range(5)])
    consumer = await consume(Inbound(reactions={SchoolRecorded: deadlocks_once}))
    await eventually(lambda: _committed_is(consumer, own_topic, 5))
    assert sizes[0] == sizes[1]


async def test_while_the_database_is_away_it_waits_is_not_ready_and_then_goes_on(
    stack: BareStack, reader: Side, own_topic: str, consume
) -> None:
    """D3.8: retried without end; nothing parked, nothing lost, partitions kept."""
    async with proxy(stack.ports.postgres) as between:
        url = reader.settings.database_url.replace(f":{stack.ports.postgres}/", f":{between.port}/")
        store = Store(url, service=reader.service)
        consumer = await consume(Reader().inbound(), store=store)
        hand = ByHand()
        await put(reader.settings, own_topic, [hand.record(1, 1, "before")])
        await eventually(lambda: _committed_is(consumer, own_topic, 1))
        assert consumer.connected
        await between.cut()
        await put(reader.settings, own_topic, [hand.record(1, 2, "during"), hand.record(2, 1, "during")])
        await eventually(lambda: consumer.away)
        assert not consumer.connected
        assert await _committed(consumer, own_topic) == 1
        await between.mend()
        await eventually(lambda: _committed_is(consumer, own_topic, 3))
        assert consumer.connected
        assert await noted(reader.store) == {"1": ["before", "during"], "2": ["during"]}
        assert await parked(reader.store) == []
        await consumer.stop()
        await store.close()


async def test_who_waits_for_the_database_while_the_group_is_shared_out_anew_does_not_keep_it_waiting(
    reader: Side, own_topic: str, consume, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch in hand is tried again at once; the group would wait for it, and its pause for the group."""
    monkeypatch.setattr("shared.messaging.consumer.REVOKE_BARRIER", 10 * PATIENCE)
    entered, go_on = asyncio.Event(), asyncio.Event()
    tries = 0

    async def meets_a_database_that_was_away(events, uow) -> None:
        nonlocal tries
        tries += 1
        entered.set()
        await go_on.wait()
        if tries == 1:
            raise ConnectionResetError
        await note(events, uow)

    reader.settings.session_timeout_seconds = 6.0  # a third of it until it hears of the other
    first = await consume(Inbound(reactions={SchoolRecorded: meets_a_database_that_was_away}))
    await put(reader.settings, own_topic, [ByHand().record(1, 1, "a")])
    await asyncio.wait_for(entered.wait(), PATIENCE)
    second = Consumer(
        reader.store,
        reader.settings.model_copy(update={"replica": "second"}),
        Reader().inbound(),
        reader.service,
        topics=[own_topic],
        group=reader.group,
    )
    joining = asyncio.create_task(second.start())
    await eventually(lambda: first.client._subscription.reassignment_in_progress)
    go_on.set()
    await eventually(lambda: second.connected)
    await joining
    await eventually(lambda: _noted_is(reader, {"1": ["a"]}))
    assert tries == 2
    assert await parked(reader.store) == []
    await second.stop()


async def test_when_not_even_parking_works_the_process_ends_and_the_offset_stays(
    reader: Side, own_topic: str, consume, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastStream would log the error and go on to the next batch: the record would be lost."""

    async def broken(*_: object) -> None:
        raise RuntimeError("cannot park")

    monkeypatch.setattr(keys, "park", broken)
    left = asyncio.Event()
    consumer = await consume(Reader(ill={"a"}).inbound(), leave=left.set)
    await put(reader.settings, own_topic, [ByHand().record(1, 1, "a")])
    await asyncio.wait_for(left.wait(), PATIENCE)
    assert await _committed(consumer, own_topic) == 0


async def test_a_batch_that_is_too_much_for_one_transaction_is_applied_one_record_at_a_time(reader: Side) -> None:
    """D3.6: what is cut short looks like a database that has gone, and would be tried alike for ever."""
    hand, together = ByHand(), []

    async def slow_together(events, uow) -> None:
        together.append(len(events))
        if len(events) > 1:
            await uow.execute("select pg_sleep(3)")  # the server holds its locks to the end of it
        await note(events, uow)

    store = Store(reader.store.url, service=reader.service, patience=1.0)
    settings = reader.settings.model_copy(update={"patience_seconds": 1.0})
    consumer = Consumer(store, settings, Inbound(reactions={SchoolRecorded: slow_together}), reader.service)
    try:
        async with asyncio.timeout(PATIENCE):
            await consumer.settle([hand.record(urn, 1, f"{urn}") for urn in (1, 2, 3)])
    finally:
        await store.close()
    assert together == [3, 1, 1, 1]
    assert await noted(reader.store) == {"1": ["1"], "2": ["2"], "3": ["3"]}
