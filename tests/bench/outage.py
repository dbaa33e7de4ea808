"""The broker is away for a minute, and the schools are inspected none the less: is any write refused, how fast is it made up?

Open loop: requests come at their rate whatever becomes of those before, until everybody has caught up.
"""

import asyncio
import bisect
import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from tests.bench.england import England
from tests.bench.http import Client
from tests.bench.product import Product
from tests.bench.row import Row, Target
from tests.pace import pace

A_SECOND = 5  # requests
BEFORE = 5.0  # seconds of load before the broker goes
WITHIN = 1.0  # seconds of inflow that may be on their way where everybody has caught up

_AT = "select extract(epoch from pg_xact_commit_timestamp(xmin))::float8 as at from {} {}"
_SINCE = "where pg_xact_commit_timestamp(xmin) > to_timestamp($1)"
_READ = {"meetings": "category_change", "notifications": "feed_entry"}


class Outage:
    """``inflow``: schools a second, each of which changes its category; ``seconds``: how long the broker is away."""

    def __init__(self, product: Product, england: England, *, inflow: int, seconds: float):
        self.product, self.england, self.inflow, self.seconds = product, england, inflow, seconds
        self.made_up = Row(
            "outage: made up",
            f"{inflow} schools/s are inspected without end, the broker is away for {seconds:.0f} s: schools applied a second "
            "by the slower of meetings and the feed, from its return until all has caught up",
            "the inflow, which goes on",
            "schools/s",
            Target(3.0),
        )
        self.writes = Row(
            "outage: writes",
            f"half of the answers to requests of {inflow // A_SECOND} schools while the broker is away; none is refused",
            "before it went",
            "ms",
        )
        self.until = Row("outage: caught up", "from the broker's return", unit="s")
        self._headlines: dict[str, int] = {}  # by school, its last

    @property
    def rows(self) -> list[Row]:
        return [self.made_up, self.writes, self.until]

    async def once(self) -> None:
        await self.england.next_day()
        await self.product.set_day(self.england.day)
        await self.product.drained()
        await self.product.settle()
        url, token = self.product.stack.url("membership"), self.product.token(self.england.authorities)
        idle, answered, over = [Client(url, token) for _ in range(4)], [], asyncio.Event()
        outcomes = self._outcomes()

        async def inspect(schools: Sequence[dict[str, Any]]) -> None:
            client, asked = idle.pop() if idle else Client(url, token), time.time()
            status, answer = await client.post("/api/v1/outcomes", {"outcomes": schools})
            idle.append(client)
            assert status == 201, f"refused: {answer}"
            answered.append((asked, time.time() - asked))

        begun = time.time()
        async with asyncio.TaskGroup() as under_way:
            under_way.create_task(self._open_loop(under_way, outcomes, inspect, over))
            await pace(BEFORE)
            gone = await self._away()
            back = time.time()
            await self._caught_up(begun)
            over.set()
        for client in idle:
            await client.close()
        await self.product.drained()
        self._judge(await self._moments(begun), gone, back)
        self.writes.add(
            _half(took for asked, took in answered if gone <= asked < back),
            _half(took for asked, took in answered if asked < gone),
        )

    async def _open_loop(
        self, under_way: asyncio.TaskGroup, outcomes: Iterator[dict[str, Any]], inspect: Any, over: asyncio.Event
    ) -> None:
        begun = time.perf_counter()
        for number in itertools.count():
            await pace(max(0.0, begun + number / A_SECOND - time.perf_counter()))
            if over.is_set():
                return
            under_way.create_task(inspect(list(itertools.islice(outcomes, self.inflow // A_SECOND))))

    def _outcomes(self) -> Iterator[dict[str, Any]]:
        """Of one school after the other, none twice on a day: of two outcomes of one day an officer is asked which counts."""
        on = self.england.day
        for urn in self.england.urns:
            self._headlines[urn] = 4 - self._headlines.get(urn, 1)  # 3, 1, 3: each changes its category
            yield {
                "urn": urn,
                "inspection_number": f"outage-{urn}-{on}",
                "kind": "graded",
                "inspection_started_on": str(on - timedelta(days=30)),
                "published_on": str(on),
                "headline": self._headlines[urn],
            }
        raise RuntimeError("no school is left that was not inspected today: take more (--schools) or less (--inflow)")

    async def _away(self) -> float:
        """Stop the broker, and start it again when its time is up; when it was gone."""
        stack = self.product.stack
        await asyncio.to_thread(stack.supervisor.stop_all, ["kafka"])
        gone = time.time()
        await pace(self.seconds)
        await asyncio.to_thread(stack.supervisor.start_program, "kafka")
        await asyncio.to_thread(stack.kafka.wait_until_ready)
        return gone

    async def _caught_up(self, begun: float) -> None:
        async with asyncio.timeout(300):
            while True:
                moments = await self._moments(begun)
                behind = len(moments["membership"]) - min(len(moments[service]) for service in _READ)
                if behind <= self.inflow * WITHIN:
                    return
                await pace(0.5)

    async def _moments(self, begun: float) -> dict[str, list[float]]:
        """When each inspection was committed, and applied by either reader, in order."""
        found = {}
        for service, table in {"membership": "outcome", **_READ}.items():
            connection = await self.product.connect(service)
            found[service] = sorted(row["at"] for row in await connection.fetch(_AT.format(table, _SINCE), begun))
            await connection.close()
        return found

    def _judge(self, moments: dict[str, list[float]], gone: float, back: float) -> None:
        committed = moments["membership"]
        applied = [max(both) for both in zip(*(moments[service] for service in _READ), strict=True)]
        caught_up = next(
            at
            for number, at in enumerate(applied, 1)
            if at >= back and bisect.bisect(committed, at) - number <= self.inflow * WITHIN
        )
        made_up = bisect.bisect(applied, caught_up) - bisect.bisect(applied, back)
        came = bisect.bisect(committed, caught_up) - bisect.bisect(committed, gone)
        self.made_up.add(made_up / (caught_up - back), came / (caught_up - gone))
        self.until.add(caught_up - back)


def _half(seconds: Iterator[float]) -> float:
    return statistics.median(seconds) * 1000
