"""The sweep: every school of a national register changes its category at once, through membership, meetings and the feed."""

import asyncio
import statistics
import time
from typing import Any

import psutil

from shared.store import Store
from tests.bench.england import England
from tests.bench.footprint import worked_by
from tests.bench.hops import Hops
from tests.bench.product import Product
from tests.bench.row import Row, Target
from tests.pace import pace

# The first commit of a sweep and the last of its readers, by PostgreSQL's own record of commits.
_FIRST = "select min(pg_xact_commit_timestamp(xmin)) from {table} where pg_xact_commit_timestamp(xmin) > $1"
_LAST = "select max(pg_xact_commit_timestamp(xmin)) from {table}"


class Sweeping:
    def __init__(self, product: Product, hops: Hops, schools: int):
        self.product = product
        self.hops = hops
        self.england = England(Store(product.stack.database_url("membership"), service="membership"), schools)
        self.schools = schools
        self.row = Row(
            "sweep",
            f"{schools:,} schools change their category; first commit to the last in meetings and in the feed",
            "the same hops with asyncpg and aiokafka alone, in one process",
            "schools/s",
            Target(0.35),
            Target(0.25),
        )
        self.part = schools // 10
        self.growth = Row(
            "sweep: growth",
            f"the sweep of {schools:,} schools",
            f"of {self.part:,} of them, the mean of there and back",
            "s",
            Target(11, at_most=True),
            Target(13, at_most=True),
        )
        by_whom = "records that the services write in it (funding has no part in it, and does not run)"
        self.records = Row("sweep: records", by_whom, unit="records/s")
        self.deciding = Row("sweep: deciding", "membership's part alone, first commit to last", unit="schools/s")

        self.disk = Row(
            "sweep: disk", "what it leaves in the databases and on the broker", unit="kB a school", detail=True
        )
        self.worked = {
            name: Row(f"sweep: processor, {name}", "of all its processes", unit="us a school", detail=True)
            for name in ("deciding", *product.stack.services, "postgres", "kafka")
        }

    @property
    def rows(self) -> list[Row]:
        return [self.row, self.growth, self.records, self.deciding, self.disk, *self.worked.values()]

    async def prepare(self) -> None:
        await self.england.take_on()
        await self.product.set_day(self.england.day)
        await self.product.drained()

    async def once(self) -> None:
        theirs = await self._raw()
        there_and_back = await self._ours(self.part), await self._ours(self.part)
        mine = await self._ours_in_detail()
        self.row.add(self.schools / mine, self.schools / theirs)
        self.growth.add(mine, statistics.mean(there_and_back))

    async def _ours(self, schools: int) -> float:
        """Seconds from the first commit to the last."""
        await self._next_day()
        first, _ = await self._swept(schools)
        seconds: float = (await self._applied() - first).total_seconds()
        await self.product.drained()
        return seconds

    async def _ours_in_detail(self) -> float:
        await self._next_day()
        before, disk, worked = await self.product.written(), self._bytes(), self._processor()
        first, decided = await self._swept(self.schools)
        seconds: float = (await self._applied() - first).total_seconds()
        await self.product.drained()
        for name, now in self._processor().items():
            self.worked[name].add((now - worked[name]) / self.schools * 1e6)
        self.disk.add((self._bytes() - disk) / self.schools / 1000)
        self.records.add((await self.product.written() - before) / seconds)
        self.deciding.add(self.schools / (decided - first).total_seconds())
        return seconds

    async def _next_day(self) -> None:
        await self.england.next_day()
        await self.product.set_day(self.england.day)
        await self.product.settle()

    async def _swept(self, schools: int) -> tuple[Any, Any]:
        """So many schools change and both readers know; the first and the last commit of membership."""
        begun = await self._now()
        await self.england.sweep(schools)
        changed = self.england.changed
        await self._arrived(("meetings", "category_change", changed), ("notifications", "feed_entry", changed))
        first = await self.product.value("membership", _FIRST.format(table="outcome"), begun)
        return first, await self.product.value("membership", _LAST.format(table="outcome"))

    async def _applied(self) -> Any:
        """The last commit of a reader."""
        return max(
            [
                await self.product.value("meetings", _LAST.format(table="category_change")),
                await self.product.value("meetings", _LAST.format(table="speaker_change")),
                await self.product.value("notifications", _LAST.format(table="feed_entry")),
            ]
        )

    def _processor(self) -> dict[str, float]:
        """Seconds of processor so far; membership decides in this process, its own relays."""
        supervisor = self.product.stack.supervisor
        found = {"deciding": time.process_time()}
        for name in self.worked:
            if pid := supervisor.pid(name) if name != "deciding" else None:
                found[name] = worked_by(psutil.Process(pid))
        return found

    def _bytes(self) -> float:
        stack = self.product.stack
        databases = ", ".join(f"'{service}'" for service in stack.services)
        size = stack.postgres.run(
            f"select sum(pg_database_size(datname)) from pg_database where datname in ({databases})"
        )
        logs = (stack.state / "kafka").rglob("*.log")
        return float(size.strip()) + sum(file.stat().st_size for file in logs)

    async def _raw(self) -> float:
        await self.product.settle()
        before = await self.product.value("notifications", "select count(*) from raw.entry")
        begun = await self._now()
        for batch in self.england.batches():
            await self.hops.change(batch, 4)
        await self._arrived(
            ("notifications", "raw.entry", before + self.schools), ("meetings", "raw.change", before + self.schools)
        )
        first = await self.product.value("membership", _FIRST.format(table="raw.bare_outcome"), begun)
        lasts = [
            await self.product.value("meetings", _LAST.format(table="raw.change")),
            await self.product.value("notifications", _LAST.format(table="raw.entry")),
        ]
        seconds: float = (max(lasts) - first).total_seconds()
        return seconds

    async def _arrived(self, *wanted: tuple[str, str, int]) -> None:
        """Asked seldom, so that asking costs nothing: the times themselves are the server's."""
        until = time.monotonic() + 1200
        for service, table, count in wanted:
            while await self.product.value(service, f"select count(*) from {table}") < count:
                assert time.monotonic() < until, f"{service} did not get on with {table}"
                await pace(0.5)

    async def _now(self) -> Any:
        return await self.product.value("membership", "select clock_timestamp()")


async def schools_taken_on(product: Product, schools: int) -> tuple[Hops, Sweeping]:
    """The bare hops at work, and a sweep of so many schools that the product has taken on."""
    hops = Hops(product)
    await asyncio.to_thread(hops.make)
    await hops.start()
    sweeping = Sweeping(product, hops, schools)
    await sweeping.prepare()
    return hops, sweeping
