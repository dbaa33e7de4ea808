"""Reading and writing topics by hand, apart from the product's own relay and consumer."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.messaging.inbox import Record
from shared.messaging.kafka import connection, readable
from shared.settings import ServiceSettings


async def read_all(settings: ServiceSettings, topic: str) -> list[Record]:
    """Everything on a topic now, partition by partition."""
    found = [record async for record in each_of(settings, topic)]
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def each_of(
    settings: ServiceSettings, topic: str, *, since: Mapping[int, int] | None = None
) -> AsyncIterator[Record]:
    """The same, one at a time, partitions side by side: for a topic that is larger than memory.

    ``since``: from which offset on, by partition.
    """
    first = since or {}
    consumer = AIOKafkaConsumer(**connection(settings), enable_auto_commit=False, isolation_level="read_committed")
    await consumer.start()
    try:
        await consumer._client.add_topic(topic)
        partitions = [TopicPartition(topic, each) for each in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        for each in partitions:
            if first.get(each.partition):
                consumer.seek(each, first[each.partition])
        ends = await consumer.end_offsets(partitions)
        left = {each for each in partitions if ends[each] > first.get(each.partition, 0)}
        while left:
            for batch in (await consumer.getmany(*left, timeout_ms=200)).values():
                for each in batch:
                    yield Record(each.topic, each.partition, each.offset, readable(each.key), each.value, each.headers)
            left = {each for each in left if await consumer.position(each) < ends[each]}
    finally:
        await consumer.stop()


async def ends_of(settings: ServiceSettings, topic: str) -> dict[int, int]:
    """By partition, the offset that the next record will have."""
    consumer = AIOKafkaConsumer(**connection(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer._client.add_topic(topic)
        partitions = [TopicPartition(topic, each) for each in sorted(consumer.partitions_for_topic(topic) or ())]
        assert partitions, f"the broker does not tell of {topic}"  # without its ends all that it holds would count
        return {each.partition: end for each, end in (await consumer.end_offsets(partitions)).items()}
    finally:
        await consumer.stop()


async def put(settings: ServiceSettings, topic: str, records: Iterable[Record]) -> dict[int, int]:
    """Write these on the topic, in order, faults and all. Their keys choose the partitions.

    By partition, the offset behind the last of them: whoever has read so far has read them all.
    """
    producer = AIOKafkaProducer(**connection(settings), acks="all", enable_idempotence=True)
    await producer.start()
    try:
        sent = []
        for record in records:
            key = None if record.key is None else record.key.encode()
            sent.append(await producer.send(topic, record.value, key=key, headers=list(record.headers)))
        places = await asyncio.gather(*sent)
    finally:
        await producer.stop()
    return {each.partition: each.offset + 1 for each in sorted(places, key=lambda each: each.offset)}


def numbers(records: Sequence[Record]) -> dict[str, list[int]]:
    """The sequence numbers of each key, in the order of the topic."""
    found: dict[str, list[int]] = {}
    for record in records:
        found.setdefault(record.key or "-", []).append(int(header(record, "ce_sequence") or 0))
    return found


def header(record: Record, name: str) -> str | None:
    found: dict[str, Any] = dict(record.headers)
    return found[name].decode() if found.get(name) is not None else None
