"""What others would use, tuned as their pages say: faststream-outbox as a relay, FastStream with a session a message.

faststream-outbox is not among the product's packages: `make bench` installs it beside them (requirements-bench.in).
"""

import asyncio
import importlib.util
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage as Message
from faststream.security import SASLScram512
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from shared.contracts.envelope import unpack
from shared.contracts.membership import SchoolRecorded
from shared.messaging.kafka import CONSUMER, PRODUCER
from tests.bench.consuming import empty
from tests.bench.stage import Side, Stage
from tests.messaging.on_topic import numbers, read_all

INSTALLED = Path("build/rivals")
TABLE = """
    create table {name} (
        id bigint generated always as identity primary key, queue varchar(255) not null, payload bytea not null,
        headers jsonb, attempts_count bigint not null default 0, deliveries_count bigint not null default 0,
        created_at timestamptz not null default now(), next_attempt_at timestamptz not null default now(),
        first_attempt_at timestamptz, last_attempt_at timestamptz, acquired_at timestamptz, acquired_token uuid,
        timer_id varchar(255), constraint {name}_lease_ck check ((acquired_token is null) = (acquired_at is null))
    ) with (autovacuum_vacuum_scale_factor = 0);
    create index {name}_pending_idx on {name} (queue, next_attempt_at, id) where acquired_token is null;
    create unique index {name}_timer_id_uq on {name} (queue, timer_id) where timer_id is not null;
    create index {name}_leased_idx on {name} (queue, acquired_at) where acquired_token is not null;
"""


def has_outbox() -> bool:
    """Whether faststream-outbox is there: `make bench` sees to it."""
    if INSTALLED.exists() and str(INSTALLED.resolve()) not in sys.path:
        sys.path.append(str(INSTALLED.resolve()))
    return importlib.util.find_spec("faststream_outbox") is not None


def _broker(side: Side, **settings: Any) -> KafkaBroker:
    quiet = logging.getLogger("bench.rival")
    quiet.setLevel(logging.ERROR)
    security = SASLScram512(side.settings.kafka_username or "", side.settings.kafka_password or "", use_ssl=False)
    return KafkaBroker(side.settings.kafka_bootstrap, security=security, logger=quiet, **settings)


async def outbox(stage: Stage, rows: int) -> float:
    """Seconds in which faststream-outbox relays a backlog in order: one worker, big fetches, deletes in batches."""
    from faststream_outbox import OutboxBroker, make_outbox_table
    from sqlalchemy import MetaData

    side, topic = stage.writer, stage.new_topic()
    await stage.fill_outbox(topic, rows)
    await asyncio.to_thread(
        stage.stack.postgres.run,
        f"set role {side.service}_owner; set search_path = {side.service}; drop table if exists rival_outbox;"
        + TABLE.format(name="rival_outbox"),
        side.service,
    )
    await _copy(stage)
    engine = create_async_engine(side.settings.database_url, pool_size=4)
    quiet = logging.getLogger("bench.rival")
    relay = OutboxBroker(engine, outbox_table=make_outbox_table(MetaData(), "rival_outbox"), logger=quiet)
    kafka = _broker(side, **{name: value for name, value in PRODUCER.items() if name != "max_request_size"})
    began, left, done = 0.0, rows, asyncio.Event()

    @relay.subscriber(
        "bench",
        max_workers=1,
        fetch_batch_size=1000,
        min_fetch_interval=0.001,
        terminal_flush_batch_size=100,
        propagate_inbound_headers=True,
    )
    async def send(body: Any) -> None:
        nonlocal began, left
        began = began or time.perf_counter()  # its start is not counted, as ours isn't
        await kafka.publish(values[rows - left], topic, key=keys[rows - left], headers=headers[rows - left])
        left -= 1
        if not left:
            done.set()

    connection = await stage.connect(side)
    found = await connection.fetch("select key, headers, value from outbox order by id")
    await connection.close()
    values = [row["value"] for row in found]
    keys = [row["key"].encode() for row in found]
    headers = [{name: value.decode() for name, value in unpack(row["headers"])} for row in found]
    await kafka.start()
    await relay.start()
    await asyncio.wait_for(done.wait(), 600)
    seconds = time.perf_counter() - began
    await relay.stop()
    await kafka.stop()
    await engine.dispose()
    seen = numbers(await read_all(side.settings, topic))
    assert sum(map(len, seen.values())) == rows
    return seconds


async def _copy(stage: Stage) -> None:
    connection = await stage.connect(stage.writer)
    found = await connection.fetch("select headers, value from outbox order by id")
    rows = []
    for row in found:
        head = {name: value.decode() for name, value in unpack(row["headers"])}
        rows.append((row["value"], json.dumps(head)))
    await connection.execute(
        "insert into rival_outbox (queue, payload, headers) "
        "select 'bench', payload, headers::jsonb from unnest($1::bytea[], $2::text[]) as new (payload, headers)",
        [payload for payload, _ in rows],
        [head for _, head in rows],
    )
    await connection.close()
    await stage.settle(stage.writer)


async def session_per_message(stage: Stage, topic: str, rows: int) -> float:
    """Seconds in which FastStream takes the topic the usual way: a model, a session and an acknowledgement a message.

    It knows duplicates by a table of ids and says nothing of order: less than ours promises.
    """
    await empty(stage)
    side = stage.reader
    engine = create_async_engine(side.settings.database_url, pool_size=4)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    broker = _broker(side)
    began, left, done = 0.0, rows, asyncio.Event()
    settings = {name: value for name, value in CONSUMER.items() if name in ("auto_offset_reset", "fetch_max_wait_ms")}

    @broker.subscriber(
        topic, group_id=f"{side.service}.session.{time.time_ns()}", ack_policy=AckPolicy.NACK_ON_ERROR, **settings
    )
    async def take(school: SchoolRecorded, message: Message) -> None:
        nonlocal began, left
        began = began or time.perf_counter()
        async with sessions() as session, session.begin():
            new = await session.execute(_KNOWN, {"id": message.headers["ce_id"]})
            if new.rowcount:  # type: ignore[attr-defined]
                await session.execute(_UPSERT, {"urn": school.urn, "name": school.name})
        left -= 1
        if not left:
            done.set()

    await asyncio.to_thread(
        stage.stack.postgres.run,
        f"set role {side.service}_owner; set search_path = {side.service}; "
        "create table if not exists rival_seen (id uuid primary key); truncate rival_seen",
        side.service,
    )
    await broker.start()
    await asyncio.wait_for(done.wait(), 900)
    seconds = time.perf_counter() - began
    await broker.stop()
    await engine.dispose()
    return seconds


_KNOWN = text("insert into rival_seen (id) values (cast(:id as uuid)) on conflict do nothing")
_UPSERT = text(
    "insert into school_kept as kept (urn, name, changes) values (:urn, :name, 1) "
    "on conflict (urn) do update set name = excluded.name, changes = kept.changes + 1"
)
