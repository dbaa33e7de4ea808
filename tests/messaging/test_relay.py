"""The relay: what is committed reaches the broker, in order per key, by one relay at a time."""

import asyncio
import random
from collections.abc import Sequence

import pytest
from aiokafka.errors import KafkaTimeoutError, LeaderNotAvailableError, OutOfOrderSequenceNumber
from aiokafka.structs import TopicPartition

from shared.messaging import relay as relay_module
from shared.messaging.kafka import partition_of
from shared.messaging.lease import Lease
from shared.messaging.relay import Waiting, sent_prefix
from shared.store import Store
from tests.eventually import eventually
from tests.messaging.conftest import Side
from tests.messaging.leaderless import no_leader_in_time
from tests.messaging.on_topic import numbers, read_all
from tests.messaging.sample import fetch, key_of, say


def _waiting(*keys: str) -> list[Waiting]:
    return [Waiting(n, "t", key, "", b"") for n, key in enumerate(keys)]


def test_only_the_acknowledged_beginning_of_a_key_is_deleted() -> None:
    """D3.3: a row behind one of its key that failed stays, although the broker has it."""
    batch = _waiting("a", "b", "a", "b", "a")
    assert sent_prefix(batch, [True, True, False, True, True]) == [0, 1, 3]
    assert sent_prefix(batch, [False, True, True, True, True]) == [1, 3]
    assert sent_prefix(batch, [True] * 5) == [0, 1, 2, 3, 4]


async def _depth(side: Side) -> int:
    return (await fetch(side.store, "select count(*) as n from outbox"))[0].n


async def test_a_backlog_is_relayed_whole_and_in_order_per_key(writer: Side, own_topic: str) -> None:
    dice = random.Random(7)
    for _ in range(6):
        async with writer.store.unit() as uow:
            for _ in range(100):
                urn = dice.randrange(20)
                say(uow, own_topic, urn, "x")
    writer.settings.relay_batch = 70
    await writer.drain()
    assert await _depth(writer) == 0
    found = numbers(await read_all(writer.settings, own_topic))
    assert sum(map(len, found.values())) == 600
    for key, seen in found.items():
        assert seen == list(range(1, len(seen) + 1)), key


async def test_a_row_that_commits_late_is_found_on_the_next_pass(writer: Side, own_topic: str) -> None:
    """No cursor and no floor: a row with a lower id becomes visible after higher ones were sent."""
    async with writer.store.unit() as late:
        say(late, own_topic, 1, "late")
        await late.flush()
        async with writer.store.unit() as uow:
            say(uow, own_topic, 2, "early")
        await writer.drain()
        assert numbers(await read_all(writer.settings, own_topic)) == {key_of(2): [1]}
    await writer.drain()
    assert numbers(await read_all(writer.settings, own_topic)) == {key_of(1): [1], key_of(2): [1]}


async def test_nothing_but_its_own_forgetting_waits_for_no_disk(writer: Side, own_topic: str) -> None:
    """Decision 27: whatever is committed next on that connection is on the disk when it is answered."""
    async with writer.store.unit() as uow:
        say(uow, own_topic, 1, "x")
    await writer.drain()
    assert await _depth(writer) == 0
    async with writer.store.alone.connect() as connection:  # the one of the pool that was used last
        assert (await connection.exec_driver_sql("show synchronous_commit")).scalar_one() == "on"


async def test_a_failed_send_holds_back_its_key_only_and_is_sent_again(
    writer: Side, own_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writer.store.unit() as uow:
        for urn in (1, 2, 1, 2, 1):
            say(uow, own_topic, urn, "x")
    relay = writer.relay()
    await relay.lease.take()
    really = relay._send

    async def second_of_key_one_is_not_acknowledged(batch):
        answers = await really(batch)
        answers[2] = KafkaTimeoutError()
        return answers

    monkeypatch.setattr(relay, "_send", second_of_key_one_is_not_acknowledged)
    with pytest.raises(KafkaTimeoutError):
        await relay.pass_once()
    await relay._drop_producer()
    rows = await fetch(writer.store, "select key from outbox order by id")
    assert [row.key for row in rows] == [key_of(1), key_of(1)]
    monkeypatch.undo()
    await relay.pass_once()
    await relay._drop_producer()
    found = numbers(await read_all(writer.settings, own_topic))
    assert found == {key_of(1): [1, 2, 3, 2, 3], key_of(2): [1, 2]}  # again, in order; readers know them


async def test_a_process_that_is_started_again_waits_for_no_lease_of_the_one_that_died(writer: Side) -> None:
    """I10: it takes over at once; a replica stands by; and whoever was replaced does not take it back."""
    died, again, replica = (Lease(writer.store, "some work", replica=each) for each in ("0", "0", "01"))
    assert await died.take()
    assert not await replica.take()
    assert await again.take()
    assert not await died.take()
    assert not await replica.take()
    assert await again.take()


async def test_of_two_relays_one_works_and_the_other_takes_over_when_it_stops(writer: Side, own_topic: str) -> None:
    """I3: never both at once."""
    stores = [Store(writer.settings.database_url, service=writer.service, pool_size=4) for _ in range(2)]
    relays = [
        writer.relay(store=store, replica=str(n), lease_seconds=2.0, relay_batch=20) for n, store in enumerate(stores)
    ]
    passes: list[int] = []
    for n, each in enumerate(relays):
        each.pass_once = _counted(each.pass_once, passes, n)
    running = [asyncio.create_task(each.run()) for each in relays]

    async def write(beginning: int) -> None:
        for n in range(beginning, beginning + 10):
            async with writer.store.unit() as uow:
                for urn in range(10):
                    say(uow, own_topic, urn, str(n))

    try:
        await write(0)
        await eventually(lambda: _empty(writer))
        first = passes[0]
        assert set(passes) == {first}
        relays[first].stopping.set()
        await running[first]
        await write(10)
        await eventually(lambda: _empty(writer))
        assert passes[-1] == 1 - first
    finally:
        for each in relays:
            each.stopping.set()
        await asyncio.gather(*running)
        for store in stores:
            await store.close()
    for seen in numbers(await read_all(writer.settings, own_topic)).values():
        assert seen == list(range(1, 21))


def _counted(work, passes: list[int], n: int):
    async def counted() -> int:
        moved = await work()
        if moved:
            passes.append(n)
        return moved

    return counted


async def _empty(side: Side) -> bool:
    return await _depth(side) == 0


class Left(Exception):
    pass


async def test_a_relay_that_was_replaced_while_it_stood_still_leaves_before_it_sends(
    writer: Side, own_topic: str
) -> None:
    """D3.3: paused between reading the rows and sending them, it is no longer the one to send."""

    def leave() -> None:
        raise Left

    relay = writer.relay(leave=leave)
    await relay.lease.take()
    async with writer.store.unit() as uow:
        say(uow, own_topic, 1, "x")
        await uow.execute("update lease set holder = 'another', until = clock_timestamp() + interval '1 minute'")
    relay.lease._asked_at -= 0.6 * relay.lease.seconds
    with pytest.raises(Left):
        await relay.pass_once()
    assert await read_all(writer.settings, own_topic) == []
    assert await _depth(writer) == 1


async def test_a_relay_that_was_merely_slow_goes_on(writer: Side, own_topic: str) -> None:
    """A starved machine must not end the whole process, its web requests and all, while nobody else has the lease."""
    relay = writer.relay()
    await relay.lease.take()
    async with writer.store.unit() as uow:
        say(uow, own_topic, 1, "x")
    relay.lease._asked_at -= 3 * relay.lease.seconds
    assert await relay.pass_once() == 1
    assert numbers(await read_all(writer.settings, own_topic)) == {key_of(1): [1]}
    await relay._drop_producer()


async def test_a_relay_whose_producer_failed_builds_another(
    writer: Side, own_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka may burn sequence numbers of an idempotent producer on failure: such a one is never used again."""
    relay = writer.relay()
    built: list[object] = []
    really = relay_module.AIOKafkaProducer

    class Counted(really):
        def __init__(self, **settings):
            built.append(self)
            super().__init__(**settings)

    monkeypatch.setattr(relay_module, "AIOKafkaProducer", Counted)
    send = relay._send
    failures = [KafkaTimeoutError()]

    async def fails_once(batch):
        answers = await send(batch)
        return [failures.pop()] * len(answers) if failures else answers

    monkeypatch.setattr(relay, "_send", fails_once)
    async with writer.store.unit() as uow:
        say(uow, own_topic, 1, "x")
    running = asyncio.create_task(relay.run())
    await eventually(lambda: _empty(writer))
    relay.stopping.set()
    await running
    assert len(built) == 2
    assert numbers(await read_all(writer.settings, own_topic)) == {key_of(1): [1, 1]}


async def test_a_producer_that_burnt_numbers_is_refused_for_good_and_the_relay_builds_another(
    writer: Side, own_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D3.3: the numbers are burnt by aiokafka itself, the broker refuses by itself, and all is delivered, in order and once."""
    place = TopicPartition(own_topic, partition_of(key_of(1).encode(), 3))
    elsewhere = next(urn for urn in range(2, 99) if partition_of(key_of(urn).encode(), 3) != place.partition)
    relay = writer.relay()
    await relay.lease.take()

    async def two_of_each() -> None:
        async with writer.store.unit() as uow:
            for urn in (1, elsewhere, 1, elsewhere):
                say(uow, own_topic, urn, "x")

    await two_of_each()
    assert await relay.pass_once() == 4  # the broker refuses nothing of a producer of which it knows no number
    first = relay._producer
    assert first is not None
    await two_of_each()
    with no_leader_in_time(first, place), pytest.raises(LeaderNotAvailableError):
        await relay.pass_once()
    assert first._txn_manager.sequence_number(place) == 4  # two of them were never sent
    for _ in range(2):
        with pytest.raises(OutOfOrderSequenceNumber):
            await relay.pass_once()
    assert relay._producer is first
    rows = await fetch(writer.store, "select key from outbox order by id")
    assert [row.key for row in rows] == [key_of(1), key_of(1)]  # the other partition had no share in it

    met: list[type[Exception]] = []
    really = relay.pass_once

    async def pass_once() -> int:
        try:
            return await really()
        except Exception as problem:
            met.append(type(problem))
            raise

    monkeypatch.setattr(relay, "pass_once", pass_once)
    running = asyncio.create_task(relay.run())
    try:
        await eventually(lambda: _empty(writer))
    finally:
        relay.stopping.set()
        await running
    assert met == [OutOfOrderSequenceNumber]  # by the last batch of the first producer
    found = numbers(await read_all(writer.settings, own_topic))
    assert found == {key_of(1): [1, 2, 3, 4], key_of(elsewhere): [1, 2, 3, 4]}


@pytest.mark.parametrize(
    "has_one_again", [False, True], ids=["it has none yet", "it was the whole broker, which is back"]
)
async def test_a_partition_without_a_leader_that_fills_a_page_keeps_no_other_waiting(
    writer: Side, own_topic: str, monkeypatch: pytest.MonkeyPatch, has_one_again: bool
) -> None:
    """I1, I3, D3.3, decision 0001: its rows come first in every page, and go in their order, at once when it has one again."""
    elsewhere = next(urn for urn in range(2, 20) if _partition(urn) != _partition(1))
    async with writer.store.unit() as uow:
        for urn in [1] * 12 + [elsewhere] * 12:
            say(uow, own_topic, urn, "x")
    relay = writer.relay(relay_batch=10)
    await relay.lease.take()
    really = relay._send

    async def not_in_time(batch: Sequence[Waiting]) -> list[BaseException | None]:
        there = [row for row in batch if row.key != key_of(1)]
        producer = await relay._connected()
        answers = iter(await really(there) if there else ())
        if not has_one_again:
            await producer.partitions_for(own_topic)
            partitions = producer.client.cluster._partitions[own_topic]
            partitions[_partition(1)] = partitions[_partition(1)]._replace(leader=-1)
        return [TimeoutError() if row.key == key_of(1) else next(answers) for row in batch]

    monkeypatch.setattr(relay, "_send", not_in_time)
    with pytest.raises(TimeoutError):
        await relay.pass_once()
    assert [await relay.pass_once(), await relay.pass_once()] == [10, 2]
    rows = await fetch(writer.store, "select key from outbox order by id")
    assert {row.key for row in rows} == {key_of(1)}
    monkeypatch.undo()
    if not has_one_again:
        assert await relay.pass_once() == 0
        relay._stuck = dict.fromkeys(relay._stuck, 0.0)  # the while is over
    assert [await relay.pass_once(), await relay.pass_once()] == [10, 2]
    await relay._drop_producer()
    found = numbers(await read_all(writer.settings, own_topic))
    assert found == {key_of(urn): list(range(1, 13)) for urn in (1, elsewhere)}


def _partition(urn: int) -> int:
    return partition_of(key_of(urn).encode(), 3)
