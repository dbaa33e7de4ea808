"""Records in the broker's own batches: in order per key, and what one partition refuses is no other's fault."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import LeaderNotAvailableError, MessageSizeTooLargeError

from shared.messaging.kafka import partition_of, producer_settings
from shared.messaging.parcels import Waiting, deliver, packed
from tests.messaging.conftest import Side
from tests.messaging.leaderless import no_leader_in_time
from tests.messaging.on_topic import read_all

LARGEST_BATCH = 262_144  # octets, the setting of every producer


@pytest.fixture
async def producer(writer: Side) -> AsyncIterator[AIOKafkaProducer]:
    made = AIOKafkaProducer(**producer_settings(writer.settings))
    await made.start()
    yield made
    await made.stop()


def _rows(topic: str, keys: list[str], size: int) -> list[Waiting]:
    dice = random.Random(5)
    return [Waiting(n, topic, key, f"ce_id\n{n}", dice.randbytes(size)) for n, key in enumerate(keys)]


async def test_what_is_too_much_for_one_batch_goes_in_order_in_as_few_as_hold_it(
    writer: Side, own_topic: str, producer: AIOKafkaProducer
) -> None:
    """I3: the order of a key is the order of the outbox, over as many batches as it takes."""
    rows = _rows(own_topic, ["a", "b", "c"] * 10, 60_000)
    partitions = {own_topic: len(await producer.partitions_for(own_topic))}
    parcels = packed(producer, rows, partitions)
    assert sorted(place for each in parcels for place in each.places) == list(range(30))
    for parcel in parcels:
        assert parcel.places == sorted(parcel.places)
        assert parcel.batch.size() <= LARGEST_BATCH
        assert {partition_of(rows[place].key.encode(), partitions[own_topic]) for place in parcel.places} == {
            parcel.partition
        }
    assert await deliver(producer, rows) == [None] * 30
    for key in ("a", "b", "c"):
        found = [record for record in await read_all(writer.settings, own_topic) if record.key == key]
        expected = [row for row in rows if row.key == key]
        assert [record.value for record in found] == [row.value for row in expected]
        assert [dict(record.headers)["ce_id"] for record in found] == [str(row.id).encode() for row in expected]


async def test_what_the_broker_refuses_of_one_key_is_answered_for_that_one_alone(
    writer: Side, own_topic: str, producer: AIOKafkaProducer
) -> None:
    count = len(await producer.partitions_for(own_topic))
    other = next(key for key in "abcdefgh" if partition_of(key.encode(), count) != partition_of(b"too long", count))
    rows = [
        *_rows(own_topic, [other], 100),
        *_rows(own_topic, ["too long"], 2_000_000),
        *_rows(own_topic, [other], 100),
    ]
    first, refused, last = await deliver(producer, rows)
    assert isinstance(refused, MessageSizeTooLargeError)
    assert (first, last) == (None, None)
    assert [record.key for record in await read_all(writer.settings, own_topic)] == [other, other]


async def test_a_tombstone_and_a_row_without_headers_arrive_as_they_are(
    writer: Side, own_topic: str, producer: AIOKafkaProducer
) -> None:
    assert await deliver(producer, [Waiting(1, own_topic, "gone", "", None)]) == [None]
    (record,) = await read_all(writer.settings, own_topic)
    assert (record.key, record.value, tuple(record.headers)) == ("gone", None, ())


async def test_what_follows_a_parcel_that_was_given_up_is_not_sent_before_it(
    writer: Side, own_topic: str, producer: AIOKafkaProducer
) -> None:
    """I3: by a producer of which the broker knows no number yet, else the broker itself refuses what follows."""
    count = len(await producer.partitions_for(own_topic))
    place = TopicPartition(own_topic, partition_of(b"a", count))
    elsewhere = next(key for key in "bcdefgh" if partition_of(key.encode(), count) != place.partition)
    rows = _rows(own_topic, ["a", "a", elsewhere], 200_000)  # one to a batch
    with no_leader_in_time(producer, place):
        first, second, other = await deliver(producer, rows)
    assert isinstance(first, LeaderNotAvailableError)
    assert (second, other) == (first, None)
    assert [record.key for record in await read_all(writer.settings, own_topic)] == [elsewhere]


async def test_a_partition_that_is_stuck_holds_up_no_other(
    writer: Side, own_topic: str, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D3.3: what was acknowledged is told, so that the relay forgets it; else it would send the same for ever."""
    count = len(await producer.partitions_for(own_topic))
    elsewhere = next(key for key in "bcdefgh" if partition_of(key.encode(), count) != partition_of(b"a", count))
    send_batch = producer.send_batch

    async def without_enough_replicas(batch: object, topic: str, *, partition: int) -> object:
        if partition == partition_of(b"a", count):
            return asyncio.get_running_loop().create_future()
        return await send_batch(batch, topic, partition=partition)

    monkeypatch.setattr(producer, "send_batch", without_enough_replicas)
    stuck, arrived = await deliver(producer, _rows(own_topic, ["a", elsewhere], 100), within=2.0)
    assert (type(stuck), arrived) == (TimeoutError, None)
