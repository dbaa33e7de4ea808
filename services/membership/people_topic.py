"""Keeping the compacted people topic right.

A relay that was paused past its lease may send an old record late. Readers who saw the newer one ignore it by its
number; but compaction keeps the last record of a key, so a reader who begins later would be given the old one. So
membership reads its own topic and publishes again any person whose last record is behind (D3.4).
"""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from services.membership import outbound
from services.membership.store.authorities import desks
from services.membership.store.people import people
from shared.contracts.envelope import person_key
from shared.contracts.membership import PEOPLE_TOPIC, PersonRecorded
from shared.crash import crash_point
from shared.messaging.cause import Cause
from shared.messaging.kafka import CONSUMER, connection
from shared.service import ServiceContext
from shared.store import UnitOfWork

log = structlog.get_logger(__name__)

POLL_MILLISECONDS = 2_000


async def keep_people_topic_right(context: ServiceContext, topic: str = PEOPLE_TOPIC) -> None:
    """Read the topic from its beginning and go on; the holder of the lease publishes again what is behind."""
    settings = {name: value for name, value in CONSUMER.items() if name != "partition_assignment_strategy"}
    consumer = AIOKafkaConsumer(**connection(context.settings), **settings, enable_auto_commit=False)
    try:
        await consumer.start()
        partitions = await _partitions(consumer, topic)
        if partitions:
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            await _follow(context, consumer, partitions, topic)
    except KafkaError as problem:
        log.warning("people_topic.waits", problem=type(problem).__name__)
    finally:
        with suppress(KafkaError):
            await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    await consumer._client.add_topic(topic)  # asks the broker, so that the partitions are known
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]


async def _follow(
    context: ServiceContext, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], topic: str
) -> None:
    lease = context.lease("people-topic")
    ends = await consumer.end_offsets(partitions)
    highest: dict[str, int] = {}
    last: dict[str, int] = {}
    compared = False  # whether what the topic held at the start was compared with what was ever numbered
    behind: set[str] = set()
    while not context.stopping.is_set():
        for records in (await consumer.getmany(timeout_ms=POLL_MILLISECONDS)).values():
            for record in records:
                read = _read(record)
                if read is None:
                    log.error("people_topic.unreadable", partition=record.partition, offset=record.offset)
                    continue
                key, number = read
                last[key] = number
                if number < highest.get(key, 0):
                    behind.add(key)
                else:
                    highest[key] = number
                    behind.discard(key)
        if not await lease.keep():
            compared = False  # whoever held it may have died over it
            continue
        if not compared and all([await consumer.position(each) >= ends[each] for each in partitions]):
            behind |= await context.store.run(lambda uow: _behind_its_head(uow, topic, last))
            compared = True
        if behind:
            log.warning("people_topic.behind", keys=len(behind))
            again = sorted(behind)
            await context.store.run(lambda uow, again=again: publish_again(uow, again))  # type: ignore[misc]
            behind.clear()
    await lease.let_go()


def _read(record: ConsumerRecord[bytes | None, bytes | None]) -> tuple[str, int] | None:
    """Whose record it is, and its number; None where it is nobody's. The topic keeps what somebody else wrote into it."""
    try:
        key = (record.key or b"").decode()
        _person_in(key)
        return key, next((int(value) for name, value in record.headers if name == "ce_sequence"), 0)
    except (TypeError, ValueError):  # a header need not have a value
        return None


def _person_in(key: str) -> UUID:
    return UUID(key.rsplit("/", 1)[-1])


async def _behind_its_head(uow: UnitOfWork, topic: str, last: dict[str, int]) -> set[str]:
    """Keys whose last record has a lower number than was given out, with none of theirs waiting to be sent.

    And desks that were never told of: those taken on before desks were.
    """
    rows = await uow.rows(
        "select key, sequence from stream_head h where topic = $1 "
        "and not exists (select from outbox o where o.topic = h.topic and o.key = h.key)",
        topic,
    )
    behind = {row.key for row in rows if last.get(row.key, 0) < row.sequence}
    of_desks = sorted(await _desks(uow))
    told = await uow.rows("select key from stream_head where topic = $1 and key = any($2::text[])", topic, of_desks)
    return behind | (set(of_desks) - last.keys() - {row.key for row in told})


async def publish_again(uow: UnitOfWork, keys: Sequence[str]) -> None:
    """The person, or the desk, as recorded now; a tombstone for a person who is recorded no more."""
    known = await _desks(uow) | await _people(uow, keys)
    for key in keys:
        if key in known:
            uow.record(known[key], key=key, because=Cause.story())
        else:
            uow.forget(PersonRecorded, key=key, because=Cause.story())
    crash_point("people.said_again")


async def _people(uow: UnitOfWork, keys: Sequence[str]) -> dict[str, PersonRecorded]:
    key_of = {_person_in(key): key for key in keys}
    return {
        key_of[each.person_id]: outbound.person_recorded(each.person_id, each.name, each.email, each.telephone)
        for each in await people(uow, key_of)
    }


async def _desks(uow: UnitOfWork) -> dict[str, PersonRecorded]:
    said = [
        (authority, outbound.desk_recorded(authority, desk.desk, *desk.reached)) for authority, desk in await desks(uow)
    ]
    return {person_key(authority, each.person_id): each for authority, each in said}
