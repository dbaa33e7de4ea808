"""Records on their way to the broker, put into its batches by ourselves.

aiokafka's `send` makes a future and some ten calls for every record; a batch that is filled here costs one append a record
and has one answer. What goes to one partition goes in the order given, in as few batches as hold it.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.contracts.envelope import unpack
from shared.messaging.kafka import partition_of


class Waiting(NamedTuple):
    """One unsent row of the outbox."""

    id: int
    topic: str
    key: str
    headers: str
    value: bytes | None


@dataclass(eq=False)
class Parcel:
    """One batch of the broker for one partition, and the places that its records have among all that are sent."""

    topic: str
    partition: int
    batch: Any  # aiokafka's BatchBuilder, which it does not export
    places: list[int] = field(default_factory=list)

    def takes(self, place: int, key: bytes, row: Waiting) -> bool:
        """Put the row in; False when it has no room left. The first row always has."""
        fits = self.batch.append(timestamp=None, key=key, value=row.value, headers=unpack(row.headers))
        if fits is None:
            return False
        self.places.append(place)
        return True


def packed(producer: AIOKafkaProducer, rows: Sequence[Waiting], partitions: Mapping[str, int]) -> list[Parcel]:
    """The rows in parcels, those first that are full; ``partitions`` says how many each topic has."""
    full: list[Parcel] = []
    filling: dict[tuple[str, int], Parcel] = {}
    for place, row in enumerate(rows):
        key = row.key.encode()
        where = row.topic, partition_of(key, partitions[row.topic])
        parcel = filling.get(where)
        if parcel is not None and parcel.takes(place, key, row):
            continue
        if parcel is not None:
            full.append(parcel)
        parcel = filling[where] = Parcel(*where, producer.create_batch())
        parcel.takes(place, key, row)
    return [*full, *filling.values()]


async def deliver(producer: AIOKafkaProducer, rows: Sequence[Waiting]) -> list[BaseException | None]:
    """Send the rows; for each None once every replica in sync has it, or what went wrong with it or an earlier one of its key.

    A partition has its next parcel when the one before was answered. The library sends no two at a time either, but a parcel
    that it gave up while the partition had no leader would be followed by the next one.

    Raises:
        KafkaError: the broker could not be asked for its topics, or took no batch in time.
    """
    topics = dict.fromkeys(row.topic for row in rows)
    partitions = {topic: len(await producer.partitions_for(topic)) for topic in topics}
    to_go: dict[tuple[str, int], deque[Parcel]] = {}
    for parcel in packed(producer, rows, partitions):
        to_go.setdefault((parcel.topic, parcel.partition), deque()).append(parcel)
    answers: list[BaseException | None] = [None] * len(rows)
    failed: dict[tuple[str, str], BaseException] = {}  # by key: what follows of it is not sent before it
    while to_go:
        firsts = [parcels.popleft() for parcels in to_go.values()]
        to_go = {where: parcels for where, parcels in to_go.items() if parcels}
        ready = [each for each in firsts if not failed or _behind(each, rows, failed) is None]
        answered = dict(zip(ready, await _send(producer, ready), strict=True))
        for parcel in firsts:
            problem = answered[parcel] if parcel in answered else _behind(parcel, rows, failed)
            if problem is not None:
                for place in parcel.places:
                    answers[place] = problem
                    failed[rows[place].topic, rows[place].key] = problem
    return answers


def _behind(
    parcel: Parcel, rows: Sequence[Waiting], failed: Mapping[tuple[str, str], BaseException]
) -> BaseException | None:
    """What went wrong with an earlier record of one of its keys."""
    keys = ((rows[place].topic, rows[place].key) for place in parcel.places)
    return next((failed[key] for key in keys if key in failed), None)


async def _send(producer: AIOKafkaProducer, parcels: Sequence[Parcel]) -> list[BaseException | None]:
    """One parcel of each partition, all at once."""
    sent: list[asyncio.Future[Any]] = []
    try:
        for parcel in parcels:
            sent.append(await producer.send_batch(parcel.batch, parcel.topic, partition=parcel.partition))
        return [await _answer(each) for each in sent]
    finally:
        for answer in sent:
            answer.cancel()


async def _answer(sent: asyncio.Future[Any]) -> BaseException | None:
    try:
        await sent
    except KafkaError as problem:
        found: BaseException = problem
        return found
    return None
