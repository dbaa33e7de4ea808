"""The relay: takes what is committed and unsent to the broker, once or more often, in order per key.

One relay of a service is active at a time, by a lease; replicas stand by. It reads the *visible* rows in id order, with
no cursor and no floor, so a row that commits late is found on the next pass. A row is deleted when it and every earlier
row of its key in the batch are acknowledged; the others stay and are sent again, and readers ignore what they have.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Sequence

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError

from shared import metrics
from shared.crash import crash_point
from shared.failures import is_away
from shared.messaging.kafka import partition_of, producer_settings
from shared.messaging.lease import Lease
from shared.messaging.parcels import SEND_DEADLINE, Waiting, deliver
from shared.settings import ServiceSettings
from shared.store import NOTIFY_CHANNEL, Store
from shared.telemetry import batch_span

log = structlog.get_logger(__name__)

POLL_BUSY, POLL_IDLE, STAYS_BUSY = 0.05, 0.5, 5.0  # seconds
STANDBY_POLL = 1.0
STUCK = 20.0  # seconds for which a partition that filled a page and was not acknowledged lets the others go first
PAGES = 50  # read in one pass at most to get past it
EXIT_LEASE_LOST = 70


def sent_prefix(batch: Sequence[Waiting], acknowledged: Sequence[bool]) -> list[int]:
    """The ids that may be deleted: acknowledged, and so is every earlier row of the same key in the batch."""
    broken: set[tuple[str, str]] = set()
    done = []
    for row, ok in zip(batch, acknowledged, strict=True):
        stream = (row.topic, row.key)
        if ok and stream not in broken:
            done.append(row.id)
        else:
            broken.add(stream)
    return done


def leave_at_once() -> None:
    """End the process without another word to anybody: the lease is another's by now."""
    os._exit(EXIT_LEASE_LOST)


# Waits for no disk: a deletion that a crash of the database undoes is a record sent again, and readers know it.
FORGET = """
    delete from outbox using (select set_config('synchronous_commit', 'off', true)) as lazily
    where id = any($1::bigint[])
"""


class Relay:
    """The relay of one service in one process."""

    def __init__(
        self,
        store: Store,
        settings: ServiceSettings,
        *,
        stopping: asyncio.Event,
        leave: Callable[[], None] = leave_at_once,
    ):
        self.store = store
        self.settings = settings
        self.lease = Lease(store, "relay", seconds=settings.lease_seconds, replica=settings.replica)
        self.stopping = stopping
        self.leave = leave
        self._producer: AIOKafkaProducer | None = None
        self._stuck: dict[tuple[str, int], float] = {}  # until when which partition of a topic is left out
        self._partitions: dict[str, int] = {}  # how many a topic has of which one is stuck

    async def run(self) -> None:
        """Relay until asked to stop. Infrastructure that is away is waited for; nothing is given up."""
        beside = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_lease())]
        busy_until = 0.0
        loop = asyncio.get_running_loop()
        try:
            while not self.stopping.is_set():
                pause = STANDBY_POLL
                try:
                    if await self.lease.keep(until=0.75):  # renewed beside, lest a change waits for it
                        self.store.relay_is_here = True
                        self.store.committed.clear()
                        moved = await self.pass_once()
                        if moved:
                            busy_until = loop.time() + STAYS_BUSY
                        if moved >= self.settings.relay_batch:
                            continue
                        pause = POLL_BUSY if loop.time() < busy_until else POLL_IDLE
                    else:
                        self.store.relay_is_here = False
                except Exception as problem:
                    if not isinstance(problem, KafkaError | DBAPIError) and not is_away(problem):
                        raise
                    log.warning("relay.waits", problem=type(problem).__name__)
                    await self._drop_producer()
                    pause = POLL_IDLE
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.store.committed.wait(), pause)
        finally:
            self.store.relay_is_here = False
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._drop_producer()
            with contextlib.suppress(Exception):  # the lease runs out by itself
                await self.lease.let_go()

    async def pass_once(self) -> int:
        """Send one batch and delete what was acknowledged; how many rows that was."""
        batch = await self._page_past_stuck() if self._stuck else await self._page()
        if not batch:
            return 0
        await self._still_ours()
        crash_point("relay.before_send")
        acknowledged = await self._send(batch)
        crash_point("relay.after_send")
        await self._still_ours()
        done = sent_prefix(batch, [problem is None for problem in acknowledged])
        if done:
            async with self.store.alone.connect() as connection:
                await connection.exec_driver_sql(FORGET, (done,))
        metrics.RELAY_SENT.labels(self.store.service).inc(len(done))
        if len(batch) >= self.settings.relay_batch:
            await self._leave_out(row for row, problem in zip(batch, acknowledged, strict=True) if _is_stuck(problem))
        for problem in acknowledged:
            if problem is not None:
                raise problem
        return len(done)

    async def _page(self, after: int = 0) -> list[Waiting]:
        found = await self.store.rows(
            "select id, topic, key, headers, value from outbox where id > $2 order by id limit $1",
            self.settings.relay_batch,
            after,
        )
        return [Waiting._make(row) for row in found]

    async def _page_past_stuck(self) -> list[Waiting]:
        """The first rows of other partitions: those of one without a leader would fill every page. A key is in one partition,
        so that none of it overtakes another."""
        now = asyncio.get_running_loop().time()
        self._stuck = {where: until for where, until in self._stuck.items() if until > now}
        batch: list[Waiting] = []
        last = 0
        for _ in range(PAGES):
            page = await self._page(last)
            batch += [row for row in page if self._where(row) not in self._stuck]
            if len(page) < self.settings.relay_batch or len(batch) >= self.settings.relay_batch:
                break
            last = page[-1].id
        if batch:
            return batch[: self.settings.relay_batch]
        # Nobody else waits. Where the broker itself was away and is back, its partitions have a leader: they wait no longer.
        without = {where: until for where, until in self._stuck.items() if not self._has_leader(where)}
        nothing_new, self._stuck = len(without) == len(self._stuck), without
        return [] if nothing_new else await self._page_past_stuck()

    def _has_leader(self, where: tuple[str, int]) -> bool:
        """As far as is known: a producer that has yet to connect knows nothing."""
        if self._producer is None:
            return True
        return self._producer.client.cluster.leader_for_partition(TopicPartition(*where)) not in (None, -1)

    async def _leave_out(self, rows: Iterable[Waiting]) -> None:
        """A page was full and these were not acknowledged in time: the next pages are of the others, for a while."""
        stuck = list(rows)
        producer = self._producer
        if not stuck or producer is None:
            return
        async with asyncio.timeout(1.0):
            self._partitions |= {topic: len(await producer.partitions_for(topic)) for topic in {r.topic for r in stuck}}
        until = asyncio.get_running_loop().time() + STUCK
        self._stuck |= {where: until for row in stuck if (where := self._where(row)) is not None}

    def _where(self, row: Waiting) -> tuple[str, int] | None:
        count = self._partitions.get(row.topic)
        return (row.topic, partition_of(row.key.encode(), count)) if count else None

    async def _send(self, batch: Sequence[Waiting]) -> list[BaseException | None]:
        """Send a batch with one producer; for each row None or what went wrong."""
        producer = await self._connected()
        with batch_span("relay.send", (_traceparent(row.headers) for row in batch), records=len(batch)):
            return await deliver(producer, batch)

    async def _keep_lease(self) -> None:
        """Renew while a send waits for the broker. A paused process can't, and asks in `_still_ours`."""
        while True:
            await asyncio.sleep(self.settings.lease_seconds / 8)
            if self.lease.gone < 1:
                with contextlib.suppress(Exception):  # `_still_ours` sees that it could not be renewed
                    await self.lease.keep()

    async def _still_ours(self) -> None:
        """After half the lease without a word to the database: whoever was replaced meanwhile ends the process.

        Whoever was merely slow goes on. To end there would take the web requests of a busy machine with it, and the
        start after it would make the machine busier.
        """
        gone = self.lease.gone
        if gone > 0.5 and not await self.lease.take():
            log.error("relay.lease_lost", gone=round(gone, 2))
            self.leave()

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(**producer_settings(self.settings))
            try:
                async with asyncio.timeout(SEND_DEADLINE):
                    await producer.start()
            except BaseException:
                await _close(producer)
                raise
            # Starting may have waited for a broker; the lease was renewed before that.
            if not await self.lease.keep():
                await _close(producer)
                raise TimeoutError("the lease passed to another relay while this one waited for the broker")
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        """A producer that failed is never used again: aiokafka may have burnt sequence numbers (D3)."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)

    async def _listen(self) -> None:
        """Be woken by commits of other processes. Losing the connection only means polling until it is back."""
        import asyncpg

        address = self.store.url.replace("postgresql+asyncpg://", "postgresql://", 1)
        while True:
            connection: asyncpg.Connection[asyncpg.Record] | None = None
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await asyncpg.connect(address, timeout=10)
                gone = asyncio.Event()
                connection.add_termination_listener(lambda *_, gone=gone: gone.set())
                await connection.add_listener(NOTIFY_CHANNEL, lambda *_: self.store.committed.set())
                try:
                    await gone.wait()
                finally:
                    connection.terminate()
            await asyncio.sleep(1.0)


def _is_stuck(problem: BaseException | None) -> bool:
    """Not acknowledged for want of a broker; a record that the broker refuses holds up its own key alone."""
    return isinstance(problem, TimeoutError) or (isinstance(problem, KafkaError) and bool(problem.retriable))


def _traceparent(packed: str) -> str | None:
    _, found, rest = packed.partition("\nce_traceparent\n")
    return rest.split("\n", 1)[0] if found else None


async def _close(producer: AIOKafkaProducer) -> None:
    """Close without waiting for a broker that may be away: `stop` flushes first, and a flush can hang."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(2.0):
            await producer.stop()
            return
    with contextlib.suppress(Exception, asyncio.CancelledError):
        await producer._sender.close()
    with contextlib.suppress(Exception):
        await producer.client.close()
