"""How much flows, how far behind everybody is, and whether the books balance: looked at twice a second, past all faults."""

import asyncio
import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from infra.local.ports import SERVICES
from shared.clock import NOW, TODAY
from tests.faults.history import Journal, Seen, now
from tests.faults.must_read import TOPICS
from tests.faults.of_records import OUR_OWN_NUMBERS
from tests.faults.world import World
from tests.pace import pace

EVERY = 0.5
STALE = 1.5  # seconds after which a look says nothing of now
LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
Heads = dict[str, int]  # records by topic
Place = tuple[str, str]  # topic and key
Due = dict[str, dict[Place, int]]  # by reader: the number that it has to come to at each place
# Without the keys that were put on a topic by hand: no head is known of those, and they would hide as many that are behind.
REACHED = f"""
    select topic, sum(sequence)::bigint as n from inbox_key
    where epoch = 1 and key not like '%/school/{OUR_OWN_NUMBERS // 100}%' group by 1
"""
Reached = dict[tuple[str, str], int]  # records by topic and reader


@dataclass
class Watch:
    """Samples of one run: at which moment how many records had been committed, and how many applied, by everybody."""

    world: World
    journal: Journal
    room: int  # records that readers may have left to apply while more is begun
    times: list[float] = field(default_factory=list)
    committed: list[int] = field(default_factory=list)  # each record as often as it has readers
    applied: list[int] = field(default_factory=list)
    full: list[bool] = field(default_factory=list)  # whether there was no room
    parked: list[tuple[float, int, int]] = field(
        default_factory=list
    )  # when, records parked or aside, records in a gap
    _task: "asyncio.Task[None] | None" = None
    _pools: dict[tuple[str, str], asyncpg.Connection] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)  # of who is due: several may want to know at once

    def begin(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def end(self) -> None:
        while self._task is not None and not self._task.done():
            self._task.cancel()  # again, if need be: `wait_for` loses it where a look ends at that very moment
            await asyncio.wait({self._task}, timeout=1)
        for connection in self._pools.values():
            connection.terminate()

    async def fetch(
        self, service: str, statement: str, *arguments: Any, asked_by: str = "samples"
    ) -> list[asyncpg.Record]:
        """Over one connection a service and asker, made anew when it is lost."""
        connection = self._pools.get((service, asked_by))
        if connection is None or connection.is_closed():
            address = self.world.stack.database_url(service).replace("+asyncpg", "")
            connection = await asyncpg.connect(address, timeout=5, command_timeout=5)
            self._pools[service, asked_by] = connection
        return list(await connection.fetch(statement, *arguments))

    async def heads(self) -> Heads:
        """How many records are committed, by topic."""
        found: Heads = {}
        for service in SERVICES:
            rows = await self.fetch(service, "select topic, sum(sequence)::bigint as n from stream_head group by 1")
            found |= {row["topic"]: row["n"] for row in rows}
        return found

    async def reached(self) -> Reached:
        """How many are applied, by topic and reader."""
        found: Reached = {}
        for service in SERVICES:
            rows = await self.fetch(service, REACHED)
            found |= {(row["topic"], service): row["n"] for row in rows}
        return found

    async def due(self) -> Due:
        """What is committed now and not applied by each of its readers, key by key.

        By key, not by their sum: what is committed on other keys meanwhile would hide one that stands still.
        """
        heads: dict[Place, int] = {}
        found: Due = {}
        async with self._asking:
            for service in SERVICES:
                rows = await self.fetch(service, "select topic, key, sequence from stream_head", asked_by="due")
                heads |= {(row["topic"], row["key"]): row["sequence"] for row in rows}
            for reader, topics in TOPICS.items():
                rows = await self.fetch(reader, "select topic, key, sequence from inbox_key", asked_by="due")
                reached = {(row["topic"], row["key"]): row["sequence"] for row in rows}
                mine = {place: head for place, head in heads.items() if place[0] in topics}
                found[reader] = not_reached(mine, reached)
        return found

    async def still_due(self, due: Due) -> Due:
        """What of it is left."""
        found: Due = {}
        async with self._asking:
            for reader, places in due.items():
                if places:
                    topics, keys = zip(*places, strict=True)
                    rows = await self.fetch(reader, LEFT, topics, keys, list(places.values()), asked_by="due")
                    found[reader] = {place: places[place] for row in rows if (place := (row["topic"], row["key"]))}
        return {reader: places for reader, places in found.items() if places}

    async def heads_of(self, keys: Sequence[str]) -> dict[Place, int]:
        """What is committed of these, on the topics that anybody of ours reads."""
        found: dict[Place, int] = {}
        topics = sorted(frozenset().union(*TOPICS.values()))
        for service in SERVICES:
            rows = await self.fetch(service, HEADS, topics, keys, asked_by="pieces")
            found |= {(row["topic"], row["key"]): row["sequence"] for row in rows}
        return found

    async def behind(self, heads: Heads) -> int:
        """How many records of these have not been applied by all who read them."""
        return _left(heads, await self.reached())

    def has_room(self) -> bool:
        """Whether the readers have little left to apply. Who cannot be asked may have much."""
        return bool(self.times) and now() - self.times[-1] < STALE and not self.full[-1]

    @property
    def no_room(self) -> float:
        """The part of the time in which there was no room."""
        if len(self.times) < 2:
            return 0.0
        spans = zip(self.times, self.times[1:], self.full, strict=False)
        lost = sum(later - at if full else max(later - at - STALE, 0.0) for at, later, full in spans)
        return lost / (self.times[-1] - self.times[0])

    async def outbox(self) -> int:
        return sum([(await self.fetch(service, "select count(*) from outbox"))[0][0] for service in SERVICES])

    async def undelivered(self, asked_by: str = "samples") -> int:
        """Webhooks that no receiver has acknowledged, letters that nobody took, stories whose next are not told yet."""
        rows = await self.fetch("notifications", UNDELIVERED, asked_by=asked_by)
        return int(rows[0][0])

    async def undone(self) -> int:
        """What membership does by itself, however long one transaction of it takes: files to apply, a day to turn."""
        rows = await self.fetch("membership", UNDONE)
        return int(rows[0][0])

    async def _watch(self) -> None:
        turn = 0
        while True:
            with suppress(Exception):  # whatever befalls the servers, the next look finds out
                await asyncio.wait_for(self._sample(turn), 10)
            turn += 1
            await pace(EVERY)

    async def _sample(self, turn: int) -> None:
        self.take(await self.heads(), await self.reached())
        if turn % 2 == 0:
            await self._count_the_parked()
        if turn % 4 == 0:
            await self._count_the_money()

    def take(self, heads: Heads, reached: Reached) -> None:
        """Keep one look."""
        self.times.append(now())
        self.committed.append(sum(heads.get(topic, 0) for topic, _ in reached))
        self.applied.append(sum(reached.values()))
        self.full.append(_left(heads, reached) > self.room)

    async def _count_the_parked(self) -> None:
        found: Counter[str] = Counter()
        for service in SERVICES:
            found.update({row["status"]: row["n"] for row in await self.fetch(service, PARKED)})
        self.parked.append((now(), found["parked"] + found["aside"], found["gap"]))

    def most_parked(self, since: float, until: float) -> tuple[int, int]:
        """The most records that were parked at once between two moments, and that waited for one before them."""
        seen = [(parked, gaps) for at, parked, gaps in self.parked if since <= at <= until]
        return max((parked for parked, _ in seen), default=0), max((gaps for _, gaps in seen), default=0)

    async def _count_the_money(self) -> None:
        """I5, in one snapshot."""
        row = (await self.fetch("funding", MONEY))[0]
        self.journal.keep(Seen("money", now(), dict(row)))

    def flow(self, since: float, until: float, *, of: str = "applied") -> float:
        """Records a second between two moments."""
        if not self.times:
            return 0.0
        counted = self.applied if of == "applied" else self.committed
        first = min(bisect.bisect_left(self.times, since), len(self.times) - 1)
        last = min(bisect.bisect_right(self.times, until), len(self.times) - 1)
        seconds = self.times[last] - self.times[first]
        return (counted[last] - counted[first]) / seconds if seconds > 0 else 0.0


def _left(heads: Heads, reached: Reached) -> int:
    """Whoever has read nothing of a topic has all of it left."""
    places = ((topic, reader) for reader, topics in TOPICS.items() for topic in topics)
    return sum(max(heads.get(topic, 0) - reached.get((topic, reader), 0), 0) for topic, reader in places)


def not_reached(heads: Mapping[Place, int], reached: Mapping[Place, int]) -> dict[Place, int]:
    """The places whose last number the reader has not come to."""
    return {place: head for place, head in heads.items() if reached.get(place, 0) < head}


PARKED = "select status, count(*) as n from parked group by 1"
HEADS = "select topic, key, sequence from stream_head where topic = any($1) and key = any($2)"
LEFT = """
    select topic, key from unnest($1::text[], $2::text[], $3::bigint[]) as due (topic, key, head)
    left join inbox_key using (topic, key) where coalesce(sequence, 0) < head
"""
UNDELIVERED = f"""
    select (select count(*) from delivery where state = 'pending') + (select count(*) from letter where state = 'pending')
        + (select count(*) from message where state = 'waiting' and due_at <= {NOW})
        + (select count(*) from gate where stage < 4)
"""
UNDONE = f"""
    select (select count(*) from import where state = 'applying')
        + (select count(*) from (select {TODAY}) as here (today)
           where not exists (select from turned where turned_to >= today))
        + (select count(*) from inspection_ask where answer = 'waiting' and answer_by <= {NOW})
        + (select count(*) from inspection_call c where closed_on is null and exists (
           select from outcome o where o.urn = c.urn and o.published_on > c.called_on and o.published_on <= {TODAY}
           and o.inspection_started_on >= c.called_on - 7)) as undone
"""
MONEY = """
    select coalesce((select sum(pence) from posting), 0)::bigint as of_all,
           (select count(*) from (select 1 from posting group by entry_id having sum(pence) <> 0) as unequal) as unequal,
           (select count(*) from (
                select 1 from posting join account using (account_id) group by account_id, kind
                having (kind = 'award-commitment') <> (sum(pence) > 0) and sum(pence) <> 0) as below) as below_zero,
           (select count(*) from posting) as postings
"""
