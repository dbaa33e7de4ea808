"""One eventful run of the path: writers side by side, some that change their mind, a commit that comes late, a broker
that refuses for a moment, a reader that is killed in the middle of a batch, and poison among the rest."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError

from shared.failures import is_away
from shared.messaging.consumer import Consumer
from shared.messaging.inbound import Inbound, Received
from shared.messaging.kafka import partition_of
from shared.messaging.rebuild import Rebuild
from shared.store import UnitOfWork
from tests.eventually import eventually
from tests.messaging.conftest import Side
from tests.messaging.on_topic import put, read_all
from tests.messaging.planted.history import History, read_history
from tests.messaging.sample import ByHand, Reader, say_in_turn
from tests.pace import pace

SCHOOLS = 6


class ChangedMind(Exception):
    pass


class Small:
    """One of the library's batches that is full with three records."""

    def __init__(self, batch: Any):
        self.batch = batch

    def append(self, **record: Any) -> Any:
        return None if self.batch.record_count() == 3 else self.batch.append(**record)


class Faltering:
    """A producer before a broker that falters for one pass.

    From the second batch on, one partition is refused, and another is taken without its acknowledgement being heard.
    """

    def __init__(self, producer: Any, refused: int, unheard: int):
        self.producer = producer
        self.refused = refused
        self.unheard = unheard
        self.seen: Counter[int] = Counter()

    async def partitions_for(self, topic: str) -> Any:
        return await self.producer.partitions_for(topic)

    def create_batch(self) -> Small:
        return Small(self.producer.create_batch())

    async def send_batch(self, small: Small, topic: str, *, partition: int) -> Awaitable[Any]:
        self.seen[partition] += 1
        falters = self.seen[partition] > 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.set_exception(KafkaTimeoutError())
        if falters and partition == self.refused:
            return answer
        sent: Awaitable[Any] = await self.producer.send_batch(small.batch, topic, partition=partition)
        if falters and partition == self.unheard:
            await sent
            return answer
        answer.exception()
        return sent


class Writers:
    """Say sentences, each once in the world, and remember what became of each attempt."""

    def __init__(self, side: Side, topic: str, seed: int):
        self.side = side
        self.topic = topic
        self.dice = random.Random(seed)
        self.attempts: dict[str, str] = {}
        self.count = 0

    def sentence(self, urn: int) -> str:
        self.count += 1
        return f"{urn}/{self.count}"

    async def one(self, *, changes_mind: bool) -> None:
        urns = sorted(self.dice.sample(range(SCHOOLS), self.dice.randint(1, 3)))
        said = [(urn, self.sentence(urn)) for urn in urns]

        async def work(uow: UnitOfWork) -> None:
            for urn, value in said:
                await say_in_turn(uow, self.topic, urn, value)
            if changes_mind:
                await uow.flush()
                raise ChangedMind

        try:
            await self.side.store.run(work)
            outcome = "ok"
        except ChangedMind:
            outcome = "fail"
        except Exception as problem:  # the answer was lost: it may have been committed or not
            if not is_away(problem):
                raise
            outcome = "unknown"
            await pace(0.1)
        self.attempts |= {value: outcome for _, value in said}

    async def many(self, count: int) -> None:
        at_once = asyncio.Semaphore(5)

        async def one(n: int) -> None:
            async with at_once:
                await self.one(changes_mind=n % 4 == 3)

        await asyncio.gather(*(one(n) for n in range(count)))


async def relay_all(side: Side, *, faltering: bool = False) -> None:
    """Relay what is there, on request through a broker that falters at first."""
    relay = side.relay()
    await relay.lease.take()
    if faltering:
        really = relay._connected
        producer = await really()
        async with side.store.unit() as uow:
            rows = await uow.rows("select topic, key from outbox")
        counts = {topic: len(await producer.partitions_for(topic)) for topic in {row.topic for row in rows}}
        records = Counter(partition_of(row.key.encode(), counts[row.topic]) for row in rows)
        (refused, most), (unheard, second) = records.most_common(2)
        assert most > 3 < second, "neither would falter"
        faltering_one = Faltering(producer, refused, unheard)

        async def connected() -> Any:
            return faltering_one

        relay._connected = connected  # type: ignore[method-assign]
        with contextlib.suppress(KafkaTimeoutError):
            await relay.pass_once()
        await relay._drop_producer()
        relay._connected = really  # type: ignore[method-assign]
    while await relay.pass_once():
        pass
    await relay._drop_producer()
    await relay.lease.let_go()


class Killable(Reader):
    """A reader that stops for good on its n-th list, as a process does that is killed there."""

    def __init__(self, at_list: int | None):
        super().__init__()
        self.at_list = at_list
        self.reached = asyncio.Event()

    async def when_a_school_was_recorded_note_it(self, events: list[Received[Any]], uow: UnitOfWork) -> None:
        if self.at_list is not None and len(self.lists) + 1 >= self.at_list:
            self.reached.set()
            await asyncio.Event().wait()
        await super().when_a_school_was_recorded_note_it(events, uow)


async def run(
    writer: Side,
    reader: Side,
    topic: str,
    *,
    seed: int = 1,
    inbound: Callable[[Reader], Inbound] = Reader.inbound,
) -> History:
    """The run, and its history."""
    writers = Writers(writer, topic, seed)
    hand = ByHand()
    poison = [
        hand.record(90, 1, "a good neighbour"),
        hand.record(91, 1, value=b"{}"),
        hand.record(91, 2, "behind the bad one"),
        hand.record(92, 1, spoil=lambda headers: headers.clear(), value=b"rubbish"),
    ]
    await writers.many(12)
    await relay_all(writer, faltering=True)

    async with writer.store.unit() as late:  # numbered before the others, committed after them
        value = writers.sentence(SCHOOLS)
        await say_in_turn(late, topic, SCHOOLS, value)
        await late.flush()
        await writers.many(6)
        await relay_all(writer)
    writers.attempts[value] = "ok"
    await relay_all(writer)
    await put(reader.settings, topic, poison)

    first = Killable(at_list=2)
    consumer = await _consume(reader, topic, inbound(first))
    with contextlib.suppress(TimeoutError):  # a planted bug may keep it from getting so far
        await asyncio.wait_for(first.reached.wait(), 5)
    await _kill(consumer)
    await writers.many(8)
    await relay_all(writer)
    last = Reader()
    consumer = await _consume(reader, topic, inbound(last))
    try:
        await eventually(lambda: _at_the_end(consumer, topic))
    finally:
        await consumer.stop()
    history = await read_history(
        writer.store,
        reader.store,
        await read_all(reader.settings, topic),
        attempts=writers.attempts,
        by_hand=frozenset({"a good neighbour", "behind the bad one", "91-1-1", "92-1-1"}),
    )
    history.rebuilt = await Rebuild(
        reader.settings, inbound(last), reader.service, topics=[topic], group=reader.group
    ).run(swap=False)
    async with reader.store.unit() as uow:
        history.applied_after_rebuild = await uow.value("select count(*) from noted")
    return history


async def _consume(reader: Side, topic: str, inbound: Inbound) -> Consumer:
    settings = reader.settings.model_copy(update={"inbox_batch": 12})  # several batches, several waves
    consumer = Consumer(
        reader.store,
        settings,
        inbound,
        reader.service,
        topics=[topic],
        group=reader.group,
        pauses=(0.0,) * 4,
    )
    await consumer.start()
    return consumer


async def _kill(consumer: Consumer) -> None:
    """Without another word to broker or database, as far as one process can do that to a part of itself."""
    for task in consumer.subscriber.tasks:
        task.cancel()
    await asyncio.gather(*consumer.subscriber.tasks, return_exceptions=True)
    await consumer.stop()


async def _at_the_end(consumer: Consumer, topic: str) -> bool:
    places = [TopicPartition(topic, number) for number in range(3)]
    ends = await consumer.client.end_offsets(places)
    return all([(await consumer.client.committed(place) or 0) == ends[place] for place in places])
