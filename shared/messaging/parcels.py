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

SEND_DEADLINE = 20.0  # seconds for one pass; without it an idempotent producer waits as long as the broker is away


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


async def deliver(
    producer: AIOKafkaProducer, rows: Sequence[Waiting], within: float = SEND_DEADLINE
) -> list[BaseException | None]:
    """Send the rows; for each None once every replica in sync has it, or what went wrong with it or before it.

    A partition that is stuck holds up no other: what was acknowledged ``within`` so many seconds is told all the same.

    Raises:
        KafkaError, TimeoutError: the broker could not be asked for its topics.
    """
    until = asyncio.get_running_loop().time() + within
    async with asyncio.timeout_at(until):
        topics = dict.fromkeys(row.topic for row in rows)
        partitions = {topic: len(await producer.partitions_for(topic)) for topic in topics}
    to_one: dict[tuple[str, int], list[Parcel]] = {}
    for parcel in packed(producer, rows, partitions):
        to_one.setdefault((parcel.topic, parcel.partition), []).append(parcel)
    answers: list[BaseException | None] = [TimeoutError("not acknowledged in time")] * len(rows)
    sending = [asyncio.create_task(_in_order(producer, parcels, answers)) for parcels in to_one.values()]
    try:
        await asyncio.wait(sending, timeout=until - asyncio.get_running_loop().time())
    finally:
        for each in sending:
            each.cancel()
    for ended in await asyncio.gather(*sending, return_exceptions=True):
        if isinstance(ended, Exception):  # of the broker's own failures the answers tell
            raise ended
    return answers


async def _in_order(producer: AIOKafkaProducer, parcels: Sequence[Parcel], answers: list[BaseException | None]) -> None:
    """To one partition, each parcel when the one before has arrived; none after one that has not.

    The library sends a partition no two at a time either, but a parcel that it gave up without a leader would be followed by
    the next, and that be in front of it.
    """
    problem: BaseException | None = None
    for parcel in parcels:
        if problem is None:
            try:
                await (await producer.send_batch(parcel.batch, parcel.topic, partition=parcel.partition))
            except KafkaError as given_up:
                problem = given_up
        for place in parcel.places:
            answers[place] = problem
