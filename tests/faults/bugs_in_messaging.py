"""Bugs in what all four services are built on: relay, outbox, inbox, lease, and the keys of requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.faults.bug import Put


def a_relay_that_begins_at_the_end(put: Put) -> None:
    """Each batch is sent from its end."""
    from shared.messaging.relay import Relay

    really = Relay._send

    async def send(self: Relay, batch: Any) -> Any:
        return list(reversed(await really(self, list(reversed(batch)))))

    put(Relay, "_send", send)


def a_relay_that_forgets_first(put: Put) -> None:
    """A row is deleted, and then sent."""
    from shared.crash import crash_point
    from shared.messaging import relay
    from shared.messaging.parcels import Waiting
    from shared.messaging.relay import Relay

    async def pass_once(self: Relay) -> int:
        found = await self.store.rows("select id, topic, key, headers, value from outbox order by id limit 500")
        batch = [Waiting._make(row) for row in found]
        if batch:
            async with self.store.alone.connect() as connection:
                await connection.exec_driver_sql(relay.FORGET, ([row.id for row in batch],))
            crash_point("relay.before_send")
            await self._send(batch)
        return len(batch)

    put(Relay, "pass_once", pass_once)


def a_word_before_the_commit(put: Put) -> None:
    """What a change has to say goes to the broker before it is committed, so that readers hear of it sooner."""
    from aiokafka import AIOKafkaProducer

    from shared.messaging import outbox
    from shared.messaging.kafka import producer_settings
    from shared.messaging.parcels import Waiting, deliver
    from shared.settings import ServiceSettings

    really, producers = outbox.write, list[AIOKafkaProducer]()

    async def write(rows: outbox.Rows, unsent: Any) -> None:
        await really(rows, unsent)
        if not producers:
            producer = AIOKafkaProducer(**producer_settings(ServiceSettings()))
            await producer.start()
            producers.append(producer)
        mine = "select id, topic, key, headers, value from outbox where xmin = pg_current_xact_id()::xid order by id"
        await deliver(producers[0], [Waiting._make(row) for row in await rows(mine)])

    put(outbox, "write", write)


def a_number_of_its_own(put: Put) -> None:
    """Numbers are given out in a transaction of their own, so that nobody waits for another's commit."""
    from shared.messaging import outbox
    from shared.settings import ServiceSettings
    from shared.store import Store

    really, numbers = outbox.write, Store(ServiceSettings().database_url, service="numbers", pool_size=4)

    async def write(rows: outbox.Rows, unsent: Any) -> None:
        async def numbered(sql: str, *args: Any) -> Any:
            return await (numbers.rows if sql == outbox._NUMBERS else rows)(sql, *args)

        await really(numbered, unsent)

    put(outbox, "write", write)


def a_record_without_a_fate(put: Put) -> None:
    """Of several records at once the last is counted as applied, and no handler sees it."""
    from shared.messaging import inbox

    really = inbox._call

    async def call(handler: Any, items: Any, uow: Any) -> None:
        await really(handler, items[:-1] if len(items) > 1 else items, uow)

    put(inbox, "_call", call)


def a_mark_before_the_work(put: Put) -> None:
    """The inbox marks a batch as applied, commits, and applies it then."""
    from shared.messaging.consumer import Consumer
    from shared.messaging.inbox import Inbox
    from shared.store import UnitOfWork

    handle, commit, waves = Inbox._handle, Consumer._commit, list[tuple[Any, ...]]()

    async def put_off(self: Inbox, wave: Any, uow: UnitOfWork, since: Any, fates: Any) -> None:
        waves.append((self, wave, since, fates))

    async def apply(uow: UnitOfWork) -> None:
        for inbox, wave, since, fates in waves:
            await handle(inbox, wave, uow, since, fates)

    async def apply_and_commit(self: Consumer, records: Any) -> None:
        await self.store.run(apply)
        waves.clear()
        await commit(self, records)

    put(Inbox, "_handle", put_off)
    put(Consumer, "_commit", apply_and_commit)


def a_lease_of_the_dead(put: Put) -> None:
    """A relay that finds the lease of another waits for ever, also when that one has died."""
    from shared.messaging.lease import Lease

    really, waiting = Lease.take, set[str]()

    async def take(self: Lease) -> bool:
        first = self.gone == float("inf")
        async with self.store.alone.connect() as connection:
            found = await connection.exec_driver_sql("select holder from lease where name = $1", (self.name,))
            holder = found.scalar()
        is_of_another = first and holder not in (None, self.holder)
        if self.name == "relay" and (self.holder in waiting or is_of_another):
            waiting.add(self.holder)
            return False
        return await really(self)

    put(Lease, "take", take)


def a_key_that_is_ignored(put: Put) -> None:
    """Whoever asks twice under one key is served twice."""
    from shared.web import idempotency

    async def claim(*_: Any) -> None:
        return None

    put(idempotency, "claim", claim)


def a_refusal_that_is_kept(put: Put) -> None:
    """An outcome of a later day is refused when it is written already, and a refusal takes nothing back."""
    from dataclasses import replace

    from services.membership.domain.category import NotYetPublished
    from services.membership.web import outcomes
    from shared.refusal import Refusal
    from shared.store import Store, UnitOfWork

    unit, really = Store.unit, outcomes.record_outcomes

    @asynccontextmanager
    async def commits(self: Store, **more: Any) -> AsyncIterator[UnitOfWork]:
        refused: Refusal | None = None
        async with unit(self, **more) as uow:
            try:
                yield uow
            except Refusal as problem:
                refused = problem
        if refused is not None:
            raise refused

    async def record(uow: UnitOfWork, listed: Any, **more: Any) -> Any:
        days = [each.outcome.published_on for each in listed]
        by_today = [
            replace(each, outcome=replace(each.outcome, published_on=min(day, uow.today)))
            for each, day in zip(listed, days, strict=True)
        ]
        recorded = await really(uow, by_today, **more)
        for each, day in zip(listed, days, strict=True):
            if day > uow.today:
                raise NotYetPublished(each.outcome.inspection_number, day)
        return recorded

    put(Store, "unit", commits)
    put(outcomes, "record_outcomes", record)
