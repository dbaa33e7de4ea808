"""The final reads: what is in the databases and on the topics when all is quiet. The checkers judge this and the history."""

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import get_context
from sys import intern
from typing import Any

from infra.demo.registers import School, schools
from infra.local.keys import department_user
from infra.local.ports import SERVICES
from shared.contracts.topics import all_topics
from shared.messaging.inbound import Inbound
from shared.messaging.inbox import Record
from shared.messaging.rebuild import Rebuild, Rebuilt
from shared.settings import ServiceSettings
from tests.faults.of_groups import NEWER
from tests.faults.of_records import settings_of
from tests.faults.watching import MONEY
from tests.faults.world import World
from tests.messaging.on_topic import each_of

READING = ("meetings", "funding", "notifications")  # membership reads nothing
Stream = tuple[str, str]  # (topic, key)
Sql = Callable[[str, str], Awaitable[list[Any]]]  # a service and a statement on its database, to rows


@dataclass(frozen=True, slots=True)
class Told:
    """One record as it stands on a topic."""

    key: str
    sequence: int
    id: str
    type: str
    sensitivity: str
    told: bool
    names: str = ""  # of an outcome, its inspection number
    compacted: bool = False


@dataclass
class Final:
    heads: dict[Stream, int] = field(default_factory=dict)
    reached: dict[str, dict[Stream, int]] = field(default_factory=dict)
    topics: dict[str, list[Told]] = field(default_factory=dict)
    readers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outbox: dict[str, int] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)
    journal: list[tuple[str, int, str]] = field(default_factory=list)  # (topic-less key, place of reading, event id)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)
    meetings: Mapping[str, int] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    speakers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    must_answer: frozenset[tuple[str, str]] = frozenset()
    money: Mapping[str, int] = field(default_factory=dict)
    feed_doubled: int = 0
    feed_gaps: int = 0
    told_too_early: list[str] = field(default_factory=list)  # by the feed
    mailed_too_early: list[str] = field(default_factory=list)  # to heads and speakers
    delivered: list[tuple[str, str, str]] = field(default_factory=list)  # (department, event, state) of each webhook
    received: dict[str, dict[str, str]] = field(default_factory=dict)  # webhooks: department to id to type
    rebuilt: dict[str, list[Rebuilt]] = field(default_factory=dict)
    by_hand: frozenset[Stream] = frozenset()

    @property
    def events(self) -> int:
        """Committed records, repeats apart."""
        return sum(self.heads.values())


async def final_reads(world: World) -> Final:
    found = Final(by_hand=frozenset(world.by_hand))
    # Each in a process of its own, beside the reading here: a long run has a million records.
    with ProcessPoolExecutor(len(READING), get_context("spawn")) as pool:
        rebuilding = {service: _rebuilding(world, pool, service) for service in READING}
        await _read(world, found)
        found.rebuilt = {service: await asyncio.wrap_future(each) for service, each in rebuilding.items()}
    return found


async def _read(world: World, found: Final) -> None:
    for service in SERVICES:
        rows = await world.sql(service, "select topic, key, sequence from stream_head")
        found.heads |= {(row["topic"], row["key"]): row["sequence"] for row in rows}
        rows = await world.sql(service, "select topic, key, sequence from inbox_key")
        found.reached[service] = {(row["topic"], row["key"]): row["sequence"] for row in rows}
        found.outbox[service] = (await world.sql(service, "select count(*) as n from outbox"))[0]["n"]
        found.parked[service] = (await world.sql(service, "select count(*) as n from parked"))[0]["n"]
    await _topics(world, found)
    await read_membership(world.sql, found, schools())
    found.meetings = await _counted(world.sql, "meetings", "body_id::text || ' ' || on_date::text from meeting")
    found.money = dict((await world.sql("funding", MONEY))[0])
    await read_notifications(world.sql, found)
    found.received = {
        receiver.department: {each.id: each.type for each in receiver.messages.values()} for receiver in world.receivers
    }


def _rebuilding(world: World, pool: ProcessPoolExecutor, service: str) -> "Future[list[Rebuilt]]":
    settings = settings_of(world, service)
    settings.owner_database_url = world.stack.owner_url(service)
    newer = [name for name in (NEWER,) if name in sys.modules]  # so that it knows what is on the topics
    return pool.submit(_rebuilt, settings, service, newer)


def _rebuilt(settings: ServiceSettings, service: str, modules: Sequence[str]) -> list[Rebuilt]:
    for name in modules:
        importlib.import_module(name)
    return asyncio.run(Rebuild(settings, _inbound(service), service).run(swap=False))


def _inbound(service: str) -> Inbound:
    found: Inbound = importlib.import_module(f"services.{service}.inbound").INBOUND
    return found


async def _topics(world: World, found: Final) -> None:
    reads = {each: _inbound(each).topics() for each in READING}
    for topic in all_topics():
        if topic.department is not None and topic.authority is not None:
            user = department_user(topic.authority, topic.department)
        else:
            user = next(each for each in SERVICES if each in topic.consumers)
        # Only what is judged of each is kept, as it comes: whole, the records of a long run are larger than memory.
        partitions: list[list[Told]] = [[] for _ in range(topic.partitions)]
        async for each in each_of(settings_of(world, user), topic.name):
            partitions[each.partition].append(_told(each, topic.compacted))
        found.topics[topic.name] = list(chain.from_iterable(partitions))
        found.readers[topic.name] = tuple(each for each in READING if topic.name in reads[each])


def _told(record: Record, compacted: bool) -> Told:
    seen = dict(record.headers)

    def of(name: str) -> str:
        return seen.get(f"ce_{name}", b"").decode("utf-8", "replace")

    sequence = of("sequence")
    return Told(
        intern(record.key or ""),
        int(sequence) if sequence.isdigit() else 0,
        of("id"),
        intern(of("type")),
        intern(of("dataclassification")),
        of("told") != "false",
        _names(of("type"), record.value),
        compacted,
    )


def _names(kind: str, value: bytes | None) -> str:
    if not kind.startswith("consortia.membership.outcome.published") or value is None:
        return ""
    _, _, rest = value.decode("utf-8", "replace").partition('"inspection_number":"')
    return rest.partition('"')[0]


async def _counted(sql: Sql, service: str, named: str) -> dict[str, int]:
    rows = await sql(service, f"select name, count(*) as n from (select {named}) as each (name) group by 1")
    return {row["name"]: row["n"] for row in rows}


async def read_membership(sql: Sql, found: Final, register: Mapping[str, School]) -> None:
    """What the acts of the load have left behind, and who answers. ``register``: schools that the files of the run named."""
    found.outcomes = await _counted(sql, "membership", "inspection_number from outcome")
    found.entries = await _counted(sql, "membership", "reason from la_entry")
    rows = await sql("membership", "select name, string_agg(state, ',') as states from import group by 1")
    found.imports = {row["name"]: row["states"] for row in rows}
    rows = await sql(
        "membership",
        "select urn, matter, count(*) as n from speaker where during @> (select today from clock) group by 1, 2",
    )
    found.speakers = {(row["urn"], row["matter"]): row["n"] for row in rows}
    today = (await sql("membership", "select today from clock"))[0]["today"]
    made = await sql("membership", "select urn from school where urn between '900000' and '998999'")
    answering = {urn for urn, each in register.items() if each.open_on(today) and (each.maintained or each.trust_id)}
    answering |= {row["urn"] for row in made}
    found.must_answer = frozenset((urn, matter) for urn in answering for matter in ("general", "inspection"))


async def read_notifications(sql: Sql, found: Final) -> None:
    """What the feed, departments and people were given."""
    rows = await sql(
        "notifications", "select count(*) - count(distinct event_id) as doubled, count(*) as n from feed_entry"
    )
    found.feed_doubled = rows[0]["doubled"]
    rows = await sql(
        "notifications", "select coalesce(sum(highest), 0) - (select count(*) from feed_entry) as n from feed_counter"
    )
    found.feed_gaps = int(rows[0]["n"])
    rows = await sql(
        "notifications",
        """
        select f.event_id::text as id from feed_entry f join journey j using (event_id)
        left join gate g using (correlation_id)
        where j.sensitivity in ('restricted', 'confidential', 'personal') and not j.told and g.told_on is null
        """,
    )
    found.told_too_early = [row["id"] for row in rows]
    rows = await sql(
        "notifications",
        """
        select department, event_id::text as id, delivery.state
        from delivery join subscription on subscription.id = subscription_id
        """,
    )
    found.delivered = [(row["department"], row["id"], row["state"]) for row in rows]
    rows = await sql(
        "notifications",
        """
        select distinct event_id::text as id from message
        where not exists (select from gate where gate.correlation_id = message.correlation_id and told_on is not null)
            and exists (select from journey where journey.event_id = message.event_id and not told)
        """,
    )
    found.mailed_too_early = [row["id"] for row in rows]
