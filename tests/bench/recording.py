"""Recording facts, 500 a transaction, through the unit of work; beside it the same rows by asyncpg, made beforehand."""

import time

from shared.contracts.envelope import pack
from tests.bench.stage import A_TRANSACTION, KEYS, Stage
from tests.messaging.sample import envelope, key_of, school

TOPIC = "consortia.membership.events.v1"


async def _empty(stage: Stage) -> None:
    async with stage.writer.store.unit() as uow:
        await uow.execute("delete from outbox")
        await uow.execute("delete from stream_head")
    await stage.settle(stage.writer)


async def ours(stage: Stage, rows: int) -> tuple[float, float]:
    await _empty(stage)
    facts = [(key_of(n % KEYS), school(n % KEYS, f"school {n}")) for n in range(rows)]
    await stage.reset_statements()
    began = time.perf_counter()
    for start in range(0, rows, A_TRANSACTION):
        async with stage.writer.store.unit() as uow:
            for key, data in facts[start : start + A_TRANSACTION]:
                uow.record(data, key=key)
    seconds = time.perf_counter() - began
    return seconds, await stage.statements(stage.writer) / rows


async def raw(stage: Stage, rows: int) -> float:
    await _empty(stage)
    ready = [
        (
            TOPIC,
            key,
            pack(envelope(key, 1 + n // KEYS).headers()),
            school(n % KEYS, f"school {n}").model_dump_json().encode(),
        )
        for n, key in ((n, key_of(n % KEYS)) for n in range(rows))
    ]
    connection = await stage.connect(stage.writer)
    began = time.perf_counter()
    for start in range(0, rows, A_TRANSACTION):
        batch = ready[start : start + A_TRANSACTION]
        columns = [list(column) for column in zip(*batch, strict=True)]
        async with connection.transaction():
            await connection.execute(
                """
                insert into stream_head as head select topic, key, 1 from unnest($1::text[], $2::text[]) as new (topic, key)
                order by topic, key on conflict (topic, key) do update set sequence = head.sequence + 1
                """,
                *columns[:2],
            )
            await connection.execute(
                """
                insert into outbox (topic, key, headers, value)
                select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
                """,
                *columns,
            )
    seconds = time.perf_counter() - began
    await connection.close()
    return seconds
