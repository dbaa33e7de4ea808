"""The consumer: raw batches from FastStream's subscriber to the inbox, and offsets committed after the transaction.

It never raises and never returns while a record of its batch has no fate: it works on, or the process ends.
"""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.security import SASLScram512

from shared.crash import crash_point
from shared.failures import BUSY, is_away, sqlstate
from shared.messaging.inbound import Inbound
from shared.messaging.inbox import PIECE, HandlerFailed, Inbox
from shared.messaging.kafka import consumer_settings, readable, request_timeout_ms
from shared.messaging.parking import lines_let_go
from shared.messaging.records import NO_CULPRITS, Culprits, Fault, Record, Stream, Where
from shared.settings import ServiceSettings
from shared.store import Store, UnitOfWork
from shared.telemetry import batch_span

log = structlog.get_logger(__name__)
_faststream = logging.getLogger("faststream.kafka")  # says "received" and "processed" for every batch at INFO
_faststream.setLevel(logging.WARNING)

TRIES, TRY_PAUSES = 5, (1.0, 3.0, 8.0, 18.0)  # seconds between the tries; a message that fails for 30 s is parked
REVOKE_BARRIER = 10.0
IS_THERE = 2.0  # seconds for the shortest of all questions
WAIT_MILLISECONDS = 1_000  # until an empty answer; records end the wait
LINES_EVERY = 30.0  # seconds until it is looked again for parked records that wait for nothing
EXIT_NO_FATE = 71


def leave_at_once() -> None:
    os._exit(EXIT_NO_FATE)


class Consumer:
    """One service's consumer group member.

    ``topics`` and ``group`` are for those who read something else than the service itself does, in a group of their own.
    """

    def __init__(
        self,
        store: Store,
        settings: ServiceSettings,
        inbound: Inbound,
        service: str,
        *,
        topics: Sequence[str] | None = None,
        group: str | None = None,
        pauses: Sequence[float] = TRY_PAUSES,
        leave: Callable[[], None] = leave_at_once,
    ):
        self.store = store
        self.leave = leave
        self.pauses = pauses
        self.settings = settings
        self.inbox = Inbox(inbound, service)
        self.service = service
        self.topics = list(topics or inbound.topics())
        self.group = group or service
        self.away = False  # the database cannot be reached: not ready
        self._busy = asyncio.Lock()
        self._look_for_lines = 0.0  # when, by the clock of the machine: at once
        self.broker = _broker(settings, service)
        self.subscriber = self.broker.subscriber(
            *self.topics,
            batch=True,
            max_records=settings.inbox_batch,
            group_id=self.group,
            ack_policy=AckPolicy.MANUAL,
            listener=_LetGo(self._busy),
            parser=_unparsed,
            decoder=_raw,
            **consumer_settings(settings, self.group),
        )
        self.subscriber(self._on_batch)
        self.subscriber.get_msg = self._next_batch

    async def start(self) -> None:
        await self.broker.start()

    async def stop(self) -> None:
        await self.broker.stop()

    @property
    def client(self) -> AIOKafkaConsumer:
        assert self.subscriber.consumer is not None
        return self.subscriber.consumer

    @property
    def connected(self) -> bool:
        consumer = self.subscriber.consumer
        return consumer is not None and bool(consumer.assignment()) and not self.away

    async def _next_batch(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord[Any, Any], ...]:
        """What there is, as soon as there is something.

        FastStream's own way sleeps after an empty answer for as long as it had waited: the first record after a quiet
        moment waits with it, in every service that it passes. Between two batches a piece of what was parked is let go.
        """
        if time.monotonic() >= self._look_for_lines:
            await self.let_lines_go()
        wait = WAIT_MILLISECONDS if time.monotonic() < self._look_for_lines else 0
        found = await consumer.getmany(timeout_ms=wait, max_records=self.settings.inbox_batch)
        return tuple(chain.from_iterable(found.values()))

    async def let_lines_go(self) -> None:
        """A piece of each line of parked records that waits for nothing, each in a transaction: what an operator's retry, or a
        record that was missing, has let go and left.
        """
        self._look_for_lines = time.monotonic() + LINES_EVERY
        async with self._busy:
            try:
                lines = await lines_let_go(self.store, self.topics)
            except Exception as problem:
                log.warning("inbox.lines_not_looked_for", problem=type(problem).__name__)
                return
            for line in lines:
                try:
                    await self._settle_one([], [line])
                    self.inbox.piece = min(PIECE, self.inbox.piece * 2)
                except Exception as problem:  # no message's: it may have been too much for one transaction
                    log.warning("inbox.line_waits", problem=type(problem).__name__)
                    self.inbox.piece = max(1, self.inbox.piece // 2)

    async def _on_batch(self, batch: Sequence[ConsumerRecord[Any, Any]]) -> None:
        async with self._busy:
            records = [
                Record(each.topic, each.partition, each.offset, readable(each.key), each.value, each.headers)
                for each in batch
            ]
            traces = (_header(each.headers, "ce_traceparent") for each in batch)
            try:
                with batch_span("inbox.take", traces, records=len(records)):
                    await self.settle(records)
            except Exception:
                # FastStream would swallow this and go on to the next batch; these records would be lost.
                log.critical("inbox.no_fate", records=len(records), exc_info=True)
                self.leave()
                return
            crash_point("inbox.after_commit")
            await self._commit(records)

    async def settle(self, records: Sequence[Record]) -> None:
        """Give every record its fate, however long that takes: the batch at once, else one record at a time."""
        try:
            await self._patiently(records)
        except Exception as problem:  # of a handler, or of what it left to the end of the unit
            log.warning("inbox.one_at_a_time", records=len(records), problem=type(problem).__name__)
            for record in records:
                await self._settle_one([record])

    async def _settle_one(self, records: Sequence[Record], line: Sequence[Stream] = ()) -> None:
        """One record, or a piece of one line of parked ones."""
        culprits: dict[Where, Fault] = {}
        tries = 0
        while True:
            try:
                await self._patiently(records, culprits, line)
                return
            except Exception as problem:  # of a handler, or of what it left to the end of the unit
                cause = problem.problem if isinstance(problem, HandlerFailed) else problem
                tries += 1
                if sqlstate(cause) in BUSY and tries < TRIES:
                    await self._wait(self.pauses[tries - 1])
                    continue
                if not isinstance(problem, HandlerFailed) and not records:
                    raise  # at which message of the line it lies nobody knows
                at_fault = problem.items[0].record if isinstance(problem, HandlerFailed) else records[0]
                if at_fault.where in culprits:
                    raise  # parking itself fails: no fate can be given, so the process ends
                kind = "transient" if sqlstate(cause) in BUSY else "handler"
                culprits[at_fault.where] = (kind, f"{type(cause).__name__}: {cause}")
                tries = 0

    async def _patiently(
        self, records: Sequence[Record], culprits: Culprits = NO_CULPRITS, line: Sequence[Stream] = ()
    ) -> None:
        """One transaction; while the database is away, wait for it without end, polling so as to keep our partitions."""
        pause = 0.2
        while True:
            begun = time.monotonic()
            try:
                await self.store.run(lambda uow: self._take(records, uow, culprits, line))
                self.away = False
                if self.inbox.cut:
                    self._look_for_lines = 0.0
                return
            except Exception as problem:
                cause = problem.problem if isinstance(problem, HandlerFailed) else problem
                if not is_away(cause):
                    raise
                was_cut_short = time.monotonic() - begun >= self.settings.patience_seconds
                if len(records) != 1 and was_cut_short and await self._is_there():
                    raise  # it was too much for one transaction, which looks like a database that has gone
                self.away = True
                log.warning("inbox.database_away", problem=type(cause).__name__)
                await self._wait(pause)
                pause = min(pause * 2, 2.0)

    async def _is_there(self) -> bool:
        """Whether the database answers at all."""
        try:
            async with asyncio.timeout(IS_THERE):
                await self.store.rows("select 1")
        except Exception as problem:
            if not is_away(problem):
                raise
            return False
        return True

    async def _take(
        self, records: Sequence[Record], uow: UnitOfWork, culprits: Culprits, line: Sequence[Stream]
    ) -> None:
        await self.inbox.take(records, uow, culprits, drain=line)
        crash_point("inbox.before_commit")

    async def _wait(self, seconds: float) -> None:
        """Pause with every partition paused, still polling: a consumer that stops polling loses its partitions."""
        consumer = self.subscriber.consumer
        until = time.monotonic() + seconds
        if consumer is None:
            await asyncio.sleep(seconds)
            return
        while (left := until - time.monotonic()) > 0:
            consumer.pause(*consumer.assignment())
            for partition, early in (await _polled(consumer, min(left, 0.5))).items():
                # A partition assigned just now was not paused yet.
                with contextlib.suppress(IllegalStateError):  # and it may be another's by now
                    consumer.seek(partition, early[0].offset)
        consumer.resume(*consumer.assignment())

    async def _commit(self, records: Sequence[Record]) -> None:
        """Commit explicit offsets. What cannot be committed is read again and recognised."""
        consumer = self.subscriber.consumer
        if consumer is None:
            return
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            offsets[TopicPartition(record.topic, record.partition)] = record.offset + 1
        mine = {partition: offset for partition, offset in offsets.items() if partition in consumer.assignment()}
        if not mine:
            return
        try:
            await consumer.commit(mine)
        except (CommitFailedError, IllegalStateError, KafkaError) as problem:
            log.warning("inbox.offsets_not_committed", problem=type(problem).__name__)


async def _polled(consumer: AIOKafkaConsumer, seconds: float) -> Mapping[TopicPartition, Sequence[Any]]:
    """What comes in this time, and no longer.

    While partitions are given out anew the library answers nobody, however little time it was given: its answer would wait
    for the group, and the group for the batch in hand (`_LetGo`).
    """
    try:
        async with asyncio.timeout(seconds + 0.1):
            found: Mapping[TopicPartition, Sequence[Any]] = await consumer.getmany(timeout_ms=int(seconds * 1000) + 1)
            return found
    except TimeoutError:
        return {}


class _LetGo(ConsumerRebalanceListener):  # type: ignore[misc]
    """Before partitions are revoked, wait for the batch in hand; the inbox makes letting go safe all the same."""

    def __init__(self, busy: asyncio.Lock):
        self.busy = busy

    async def on_partitions_revoked(self, revoked: Any) -> None:
        try:
            async with asyncio.timeout(REVOKE_BARRIER):
                await self.busy.acquire()
            self.busy.release()
        except TimeoutError:
            log.warning("inbox.revoked_while_busy", partitions=len(revoked))

    async def on_partitions_assigned(self, assigned: Any) -> None:
        log.info("inbox.assigned", partitions=len(assigned))


async def _unparsed(batch: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaMessage:
    """The batch as it is. FastStream's own parser decodes every header, and one bad byte would lose the whole batch."""
    return KafkaMessage(body=b"", raw_message=batch, headers={}, consumer=FAKE_CONSUMER)


async def _raw(message: KafkaMessage) -> Any:
    """No decoding here: a typed batch loses the good neighbours of one bad record."""
    return message.raw_message


def _header(headers: Sequence[tuple[str, bytes]], name: str) -> str | None:
    return next((value.decode("ascii", "replace") for key, value in headers if key == name and value), None)


def _broker(settings: ServiceSettings, service: str) -> KafkaBroker:
    security = None
    if settings.kafka_username:
        security = SASLScram512(settings.kafka_username, settings.kafka_password or "", use_ssl=False)
    return KafkaBroker(
        settings.kafka_bootstrap,
        security=security,
        client_id=f"consortia-{service}-{settings.replica}",
        apply_types=False,
        consumer_only=True,
        request_timeout_ms=request_timeout_ms(settings),
        allow_auto_create_topics=False,
        graceful_timeout=10.0,
        logger=_faststream,
    )


def settings_of(consumer: Consumer) -> Mapping[str, Any]:
    """What the client was really built with, for the test that asserts it."""
    return dict(consumer.subscriber._connection_args)
