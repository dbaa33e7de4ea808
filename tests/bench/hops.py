"""The same hops with nothing but asyncpg and aiokafka: no rules, no validation, no parking, no tracing, one process.

A writer commits what is so with its records; a relay sends them; one reader keeps a category and a change of speaker,
as meetings does; another keeps the journey and a numbered entry, as the feed does, and tells of it through its own outbox.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from infra.local.access import Topic, make_topics
from shared.contracts.envelope import pack, unpack
from shared.messaging.kafka import CONSUMER, PRODUCER
from shared.messaging.relay import FORGET
from tests.bench.consuming import ADVANCE, LOCK, NEW_KEYS
from tests.bench.partitioner import RememberingPartitioner
from tests.bench.product import Product
from tests.messaging.sample import envelope
from tests.pace import pace

TYPES = ("outcome.published", "category-in-force.changed", "representation.reassigned")
EVENTS, ENTRIES = "bench.raw.events", "bench.raw.entries"

TABLES = {
    "membership": """
        create table raw.bare_school (urn text primary key, category integer not null, speaker uuid not null);
        create table raw.bare_outcome (urn text, number text, grade integer, at timestamptz default now(), primary key (number));
        create table raw.bare_speaker (urn text, since timestamptz default now(), speaker uuid, primary key (urn, since));
    """,
    "meetings": """
        create table raw.category (urn text, number bigint, category integer, primary key (urn, number));
        create table raw.change (urn text, number bigint, speaker text, primary key (urn, number));
    """,
    "notifications": """
        create table raw.journey (event_id uuid primary key, type text, key text, at timestamptz default now());
        create table raw.counter (region text primary key, highest bigint not null);
        create table raw.entry (region text, number bigint, event_id uuid, data text, primary key (region, number));
        insert into raw.counter values ('west-midlands', 0);
    """,
}

_HEADS = """
    insert into stream_head as head (topic, key, sequence)
    select topic, key, count from unnest($1::text[], $2::text[], $3::bigint[]) as new (topic, key, count)
    order by topic, key on conflict (topic, key) do update set sequence = head.sequence + excluded.sequence
    returning key, sequence
"""
_ROWS = "insert into outbox (topic, key, headers, value) select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[])"

Rows = Sequence[tuple[str, str, dict[str, Any]]]  # key, type, data


async def _say(connection: Any, topic: str, rows: Rows) -> None:
    counts = Counter(key for key, _, _ in rows)
    keys = sorted(counts)
    heads = await connection.fetch(_HEADS, [topic] * len(keys), keys, [counts[key] for key in keys])
    following = {row["key"]: row["sequence"] - counts[row["key"]] for row in heads}
    packed = []
    for key, kind, _ in rows:
        following[key] += 1
        packed.append(pack(envelope(key, following[key], type=f"consortia.bench.{kind}.v1").headers()))
    values = [json.dumps(data).encode() for _, _, data in rows]
    await connection.execute(_ROWS, [topic] * len(rows), [key for key, _, _ in rows], packed, values)


class Hops:
    """Writer, relays and readers of one raw path, to be started once and used for many rounds."""

    def __init__(self, product: Product):
        self.product = product
        self.woken = {service: asyncio.Event() for service in ("membership", "notifications")}
        self._tasks: list[asyncio.Task[None]] = []
        self._clients: list[Any] = []

    def make(self) -> None:
        stack = self.product.stack
        for service, tables in TABLES.items():
            stack.postgres.run(f"set role {service}_owner; {tables}", service)
        everybody = ("membership", "meetings", "notifications")
        make_topics(stack.kafka, [Topic(name, 12, everybody, everybody, {}) for name in (EVENTS, ENTRIES)])

    async def start(self) -> None:
        self.writer = await self.product.connect("membership", raw=True)
        self._tasks = [
            asyncio.create_task(each)
            for each in (
                self._relay("membership"),
                self._relay("notifications"),
                self._read("meetings", self._keep_change),
                self._read("notifications", self._keep_entry),
            )
        ]
        await pace(2)  # until the groups have their partitions

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for done in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(done, Exception):
                raise done
        for client in self._clients:
            await client.stop()
        await self.writer.close()

    async def change(self, urns: Sequence[str], category: int, types: Sequence[str] = TYPES) -> None:
        """One transaction: an outcome for each of these schools, another category, another speaker, a record of each type."""
        speakers = [uuid4() for _ in urns]
        rows: list[tuple[str, str, dict[str, Any]]] = []
        for urn, speaker in zip(urns, speakers, strict=True):
            for kind in types:
                rows.append((f"100/school/{urn}", kind, {"urn": urn, "category": category, "speaker": str(speaker)}))
        async with self.writer.transaction():
            await self.writer.execute(
                """
                insert into bare_school (urn, category, speaker)
                select urn, $2, speaker from unnest($1::text[], $3::uuid[]) as new (urn, speaker) order by urn
                on conflict (urn) do update set category = excluded.category, speaker = excluded.speaker
                """,
                list(urns),
                category,
                speakers,
            )
            await self.writer.execute(
                "insert into bare_outcome (urn, number, grade) "
                "select urn, number, $3 from unnest($1::text[], $2::text[]) as new (urn, number)",
                list(urns),
                [str(uuid4()) for _ in urns],
                category,
            )
            if TYPES[2] in types:
                await self.writer.execute(
                    "insert into bare_speaker (urn, speaker) select * from unnest($1::text[], $2::uuid[])",
                    list(urns),
                    speakers,
                )
            await _say(self.writer, EVENTS, rows)
        self.woken["membership"].set()

    def _connection(self, service: str) -> dict[str, Any]:
        stack = self.product.stack
        return {
            "bootstrap_servers": stack.kafka.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": service,
            "sasl_plain_password": stack.secrets[f"kafka {service}"],
        }

    async def _relay(self, service: str) -> None:
        database = await self.product.connect(service, raw=True)
        producer = AIOKafkaProducer(**self._connection(service), **PRODUCER, partitioner=RememberingPartitioner())
        await producer.start()
        self._clients += [producer]
        while True:
            self.woken[service].clear()
            found = await database.fetch("select id, topic, key, headers, value from outbox order by id limit 1000")
            for row in found:
                await producer.send(row["topic"], row["value"], key=row["key"].encode(), headers=unpack(row["headers"]))
            if found:
                await producer.flush()
                await database.execute(FORGET, [row["id"] for row in found])
            else:
                await self.woken[service].wait()

    async def _read(self, service: str, keep: Any) -> None:
        database = await self.product.connect(service, raw=True)
        settings = {name: value for name, value in CONSUMER.items() if name != "enable_auto_commit"}
        consumer = AIOKafkaConsumer(
            EVENTS, **self._connection(service), **settings, group_id=f"{service}.raw", enable_auto_commit=False
        )
        await consumer.start()
        self._clients += [consumer]
        while True:
            found = await consumer.getmany(timeout_ms=200, max_records=500)
            if not found:
                continue
            records = [record for batch in found.values() for record in batch]
            async with database.transaction():
                await self._advance(database, records)
                await keep(database, records)
            if service in self.woken:
                self.woken[service].set()
            await consumer.commit(
                {TopicPartition(part.topic, part.partition): batch[-1].offset + 1 for part, batch in found.items()}
            )

    async def _advance(self, database: Any, records: Sequence[Any]) -> None:
        places = {}
        for record in records:
            headers = dict(record.headers)
            places[record.topic, record.key.decode()] = (int(headers["ce_sequence"]), headers["ce_id"].decode())
        streams = sorted(places)
        columns = [topic for topic, _ in streams], [key for _, key in streams]
        if len(await database.fetch(LOCK, *columns)) < len(streams):
            await database.execute(NEW_KEYS, *columns)
            await database.fetch(LOCK, *columns)
        await database.execute(
            ADVANCE, *columns, [places[each][0] for each in streams], [places[each][1] for each in streams]
        )

    async def _keep_change(self, database: Any, records: Sequence[Any]) -> None:
        for kind, table, column in ((TYPES[1], "category", "category"), (TYPES[2], "change", "speaker")):
            rows = _of_type(records, kind)
            if rows:
                array = "integer[]" if column == "category" else "text[]"
                await database.execute(
                    f"insert into {table} (urn, number, {column}) select * from unnest($1::text[], $2::bigint[], $3::{array})",
                    [data["urn"] for _, data in rows],
                    [int(headers["ce_sequence"]) for headers, _ in rows],
                    [data[column] for _, data in rows],
                )

    async def _keep_entry(self, database: Any, records: Sequence[Any]) -> None:
        headers = [dict(record.headers) for record in records]
        await database.execute(
            "insert into journey (event_id, type, key) select * from unnest($1::uuid[], $2::text[], $3::text[])",
            [each["ce_id"].decode() for each in headers],
            [each["ce_type"].decode() for each in headers],
            [record.key.decode() for record in records],
        )
        rows = _of_type(records, TYPES[0])
        if not rows:
            return
        highest = await database.fetchval(
            "update counter set highest = highest + $1 where region = 'west-midlands' returning highest", len(rows)
        )
        await database.execute(
            "insert into entry (region, number, event_id, data) select 'west-midlands', * "
            "from unnest($1::bigint[], $2::uuid[], $3::text[])",
            list(range(highest - len(rows) + 1, highest + 1)),
            [each["ce_id"].decode() for each, _ in rows],
            [json.dumps(data) for _, data in rows],
        )
        await _say(database, ENTRIES, [("100/feed/west-midlands", "entry-published", data) for _, data in rows])


def _of_type(records: Sequence[Any], kind: str) -> list[tuple[dict[str, bytes], dict[str, Any]]]:
    wanted = f"consortia.bench.{kind}.v1".encode()
    found = []
    for record in records:
        headers = dict(record.headers)
        if headers["ce_type"] == wanted:
            found.append((headers, json.loads(record.value)))
    return found
