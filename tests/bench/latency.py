"""One change at a time, twenty a second: from its commit in membership until meetings and the feed have it."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

from tests.bench.england import England
from tests.bench.hops import TYPES, Hops
from tests.bench.http import Client
from tests.bench.product import Product
from tests.bench.row import Row, Target
from tests.pace import pace

A_SECOND = 20
WARMING = 50  # changes before the count begins: after `settle` each backend plans its statements anew
Times = dict[str, float]  # by school, seconds since the epoch

_SINCE = "where pg_xact_commit_timestamp(xmin) > $1"
_AT = "extract(epoch from max(pg_xact_commit_timestamp(xmin)))::float8 as at"


class Latency:
    """The changes are from Category 2 to 1 and back: nobody else speaks then, so nobody has to be told first (R0.8)."""

    def __init__(self, product: Product, hops: Hops, england: England, changes: int):
        self.product, self.hops, self.england, self.changes = product, hops, england, changes
        raw = "the same two hops with asyncpg and aiokafka alone"
        what = (
            f"{changes} changes at {A_SECOND}/s, commit in membership until the later of meetings and the feed has it"
        )
        self.middle = Row("latency p50", what, raw, "ms", Target(2, at_most=True), Target(2.3, at_most=True))
        self.tail = Row("latency p99", what, raw, "ms", Target(3, at_most=True), Target(4, at_most=True))
        self.records = Row("latency: records", "a change, on every topic", raw, "", detail=True)
        self.number = 0

    @property
    def rows(self) -> list[Row]:
        return [self.middle, self.tail, self.records]

    async def once(self) -> None:
        if self.england.category != 2:  # after a sweep there
            await self.england.next_day()
            await self.england.sweep()
        await self.england.next_day()
        await self.product.set_day(self.england.day)
        await self.product.drained()
        await self.product.settle()
        self.number += 1
        warming, urns = self.england.urns[:WARMING], self.england.urns[WARMING : WARMING + self.changes]
        await self._raw(warming)
        await self._ours(warming)
        before = await self._records()
        if self.number % 2:
            theirs, mine = await self._raw(urns), await self._ours(urns)
        else:
            mine, theirs = await self._ours(urns), await self._raw(urns)
        after = await self._records()
        self.records.add(*((after[schema] - before[schema]) / len(urns) for schema in ("platform", "raw")))
        self.middle.add(_ms(mine, 50), _ms(theirs, 50))
        self.tail.add(_ms(mine, 99), _ms(theirs, 99))

    async def _ours(self, urns: Sequence[str]) -> list[float]:
        url, token = self.product.stack.url("membership"), self.product.token(self.england.authorities)
        idle = [Client(url, token) for _ in range(8)]
        headline, on = 1 if self.number % 2 else 2, self.england.day

        async def publish(urn: str) -> None:
            outcome = {
                "urn": urn,
                "inspection_number": f"{urn}-{self.number}",
                "kind": "graded",
                "inspection_started_on": str(on - timedelta(days=30)),
                "published_on": str(on),
                "headline": headline,
            }
            client = idle.pop() if idle else Client(url, token)
            status, answer = await client.post("/api/v1/outcomes", {"outcomes": [outcome]})
            idle.append(client)
            assert status == 201, answer

        begun = await self.product.value("membership", "select clock_timestamp()")
        await _paced(urns, publish)
        applied = f"select urn, {_AT} from {{}} {_SINCE} group by urn"
        await self._wait(len(urns), ("meetings", "category_change", begun), ("notifications", "feed_entry", begun))
        for client in idle:
            await client.close()
        return _differences(
            await self._times("membership", applied.format("outcome"), begun),
            await self._times("meetings", applied.format("category_change"), begun),
            await self._times("notifications", applied.format("feed_entry"), begun),
        )

    async def _raw(self, urns: Sequence[str]) -> list[float]:
        begun = await self.product.value("membership", "select clock_timestamp()")
        writing = asyncio.Lock()

        async def change(urn: str) -> None:
            async with writing:
                await self.hops.change([urn], 1, TYPES[:2])  # nobody else speaks, as in ours

        await _paced(urns, change)
        await self._wait(len(urns), ("meetings", "raw.category", begun), ("notifications", "raw.entry", begun))
        applied = f"select urn, {_AT} from {{}} {_SINCE} group by urn"
        entries = f"select data::json->>'urn' as urn, {_AT} from raw.entry {_SINCE} group by data::json->>'urn'"
        return _differences(
            await self._times("membership", applied.format("raw.bare_outcome"), begun),
            await self._times("meetings", applied.format("raw.category"), begun),
            await self._times("notifications", entries, begun),
        )

    async def _records(self) -> dict[str, int]:
        return {schema: await self.product.written(schema) for schema in ("platform", "raw")}

    async def _wait(self, changes: int, *wanted: tuple[str, str, Any]) -> None:
        until = time.monotonic() + 120
        for service, table, begun in wanted:
            while await self.product.value(service, f"select count(*) from {table} {_SINCE}", begun) < changes:
                assert time.monotonic() < until, f"{service} did not get on with {table}"
                await pace(0.5)

    async def _times(self, service: str, sql: str, begun: Any) -> Times:
        connection = await self.product.connect(service)
        try:
            return {row["urn"]: row["at"] for row in await connection.fetch(sql, begun)}
        finally:
            await connection.close()


async def _paced(urns: Sequence[str], do: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """Each at its own moment, whether the one before has been answered or not."""
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as under_way:
        for number, urn in enumerate(urns):
            await pace(max(0.0, begun + number / A_SECOND - time.perf_counter()))
            under_way.create_task(do(urn))


def _differences(committed: Times, *applied: Times) -> list[float]:
    assert all(committed.keys() <= each.keys() for each in applied), json.dumps([len(each) for each in applied])
    return [max(each[urn] for each in applied) - at for urn, at in committed.items()]


def _ms(seconds: Sequence[float], percentile: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[percentile - 1] * 1000
