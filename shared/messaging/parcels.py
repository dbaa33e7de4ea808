"""Records on their way to the broker, put into its batches by ourselves.

aiokafka's `send` makes a future and some ten calls for every record; a batch that is filled here costs one append a record
and has one answer. What goes to one partition goes in the order given, in as few batches as hold it.
"""

import asyncio
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


@dataclass
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
    """Send the rows; for each None once every replica in sync has it, or what went wrong.

    Raises:
        KafkaError: the broker could not be asked for its topics, or took no batch in time.
    """
    topics = dict.fromkeys(row.topic for row in rows)
    partitions = {topic: len(await producer.partitions_for(topic)) for topic in topics}
    parcels = packed(producer, rows, partitions)
    sent: list[asyncio.Future[Any]] = []
    answers: list[BaseException | None] = [None] * len(rows)
    try:
        for parcel in parcels:
            sent.append(await producer.send_batch(parcel.batch, parcel.topic, partition=parcel.partition))
        for parcel, answer in zip(parcels, sent, strict=True):
            try:
                await answer
            except KafkaError as problem:
                for place in parcel.places:
                    answers[place] = problem
    finally:
        for answer in sent:
            answer.cancel()
    return answers
