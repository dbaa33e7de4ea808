"""The final reads: what is in the databases and on the topics when all is quiet. The checkers judge this and the history."""

import asyncio
import importlib
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import asyncpg

from infra.demo.registers import schools
from infra.local.keys import department_user
from infra.local.ports import SERVICES
from shared.contracts.topics import all_topics
from shared.messaging.inbound import Inbound
from shared.messaging.rebuild import Rebuild, Rebuilt
from shared.settings import ServiceSettings
from tests.faults.found import Award, Call, Delivery, Entry, Letter, Message
from tests.faults.logs import naming_schools
from tests.faults.must_read import TOPICS, readers_of
from tests.faults.of_groups import NEWER
from tests.faults.of_records import settings_of
from tests.faults.told import Part, Told, Who, told
from tests.faults.watching import MONEY
from tests.faults.world import World
from tests.messaging.on_topic import each_of

MOST_LINES = 20  # of the logs, where there is something wrong with them
READING = tuple(TOPICS)  # membership reads nothing
Stream = tuple[str, str]  # (topic, key)
PARKED = """
    select format('%s %s at %s/%s: %s (%s)', topic, coalesce(key, '-'), partition, "offset", status, reason) as which
    from parked order by parked_at, id
"""


@dataclass
class Final:
    heads: dict[Stream, int] = field(default_factory=dict)
    since: Mapping[Stream, int] = field(default_factory=dict)  # the heads when the load began
    reached: dict[str, dict[Stream, int]] = field(default_factory=dict)
    topics: dict[str, list[Told]] = field(default_factory=dict)
    readers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by_hand: frozenset[Stream] = frozenset()
    outbox: dict[str, int] = field(default_factory=dict)
    parked: dict[str, list[str]] = field(default_factory=dict)  # by service: which records
    rebuilt: dict[str, list[Rebuilt]] = field(default_factory=dict)
    # Membership
    outcomes: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[tuple[str, str, str], int] = field(default_factory=dict)  # by body, person and first day
    withheld: Mapping[tuple[str, str], bool] = field(default_factory=dict)  # by school and story: whether it was told
    clocks: Mapping[str, date] = field(default_factory=dict)  # by service
    turned_to: date = date.min
    heads_of: Mapping[str, frozenset[str]] = field(default_factory=dict)  # who heads each school
    speakers: Mapping[tuple[str, str], list[Who]] = field(default_factory=dict)  # by school and matter, as stored
    must_speak: Mapping[tuple[str, str], Who] = field(default_factory=dict)  # by the plain model, from the facts
    calls: Mapping[str, Call] = field(default_factory=dict)
    emails: Mapping[str, str] = field(default_factory=dict)  # of people, by membership
    # Meetings
    meetings: Mapping[str, int] = field(default_factory=dict)
    with_a_group: frozenset[str] = frozenset()  # schools whose Area Analysis Group has a meeting to come
    agenda: Mapping[str, int] = field(default_factory=dict)  # live items by school
    # Funding
    money: Mapping[str, int] = field(default_factory=dict)
    awards: list[Award] = field(default_factory=list)
    in_the_chair: Mapping[tuple[str, date], Mapping[str, int]] = field(
        default_factory=dict
    )  # days by school, as the terms say
    ledger: Mapping[tuple[str, str], int] = field(default_factory=dict)  # pence by award and school
    # Notifications
    journey: Mapping[str, int] = field(default_factory=dict)  # by event: the number of the transaction that read it
    read_at: Mapping[str, float] = field(default_factory=dict)  # of what tells that a school was told
    told_schools: frozenset[Part] = frozenset()  # as the gate has it
    held: Mapping[str, Part] = field(default_factory=dict)  # by event and audience
    feed: list[Entry] = field(default_factory=list)
    feed_doubled: int = 0
    feed_gaps: int = 0
    told_too_early: list[str] = field(default_factory=list)  # by the feed
    mailed_too_early: list[str] = field(default_factory=list)  # to heads and speakers
    deliveries: list[Delivery] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    alerts: list[Message] = field(default_factory=list)  # to desks of the council that come to speak
    letters: Mapping[str, Letter] = field(default_factory=dict)
    asked_of: Mapping[str, int] = field(
        default_factory=dict
    )  # messages that ask somebody about an inspection, by event
    written_to: Mapping[str, str] = field(default_factory=dict)  # the address of each person
    # What others have on their side
    received: dict[str, dict[str, str]] = field(default_factory=dict)  # webhooks: department to id to type
    received_as: dict[str, dict[str, set[str]]] = field(default_factory=dict)  # under which webhook-ids each came
    mails: Mapping[str, int] = field(default_factory=dict)  # by Message-ID, how often it came
    named_in_logs: list[str] = field(default_factory=list)  # lines that name a school

    @property
    def events(self) -> int:
        """Committed records, repeats apart."""
        return sum(self.heads.values())


async def final_reads(world: World) -> Final:
    found = Final(by_hand=frozenset(world.by_hand), since=world.since)
    # Each in a process of its own, beside the reading here: a long run has a million records.
    with ProcessPoolExecutor(len(READING), get_context("spawn")) as pool:
        rebuilding = {service: _rebuilding(world, pool, service) for service in READING}
        await _read(world, found)
        found.rebuilt = {service: await asyncio.wrap_future(each) for service, each in rebuilding.items()}
    return found


async def _read(world: World, found: Final) -> None:
    from tests.faults import calls, reads
    from tests.faults.speaks import must_speak

    for service in SERVICES:
        rows = await world.sql(service, "select topic, key, sequence from stream_head")
        found.heads |= {(row["topic"], row["key"]): row["sequence"] for row in rows}
        rows = await world.sql(service, "select topic, key, sequence from inbox_key")
        found.reached[service] = {(row["topic"], row["key"]): row["sequence"] for row in rows}
        found.outbox[service] = (await world.sql(service, "select count(*) as n from outbox"))[0]["n"]
        found.parked[service] = [row["which"] for row in await world.sql(service, PARKED)]
    found.clocks = {each: (await world.sql(each, "select today from clock"))[0]["today"] for each in SERVICES}
    await _topics(world, found)
    await reads.read_membership(world.sql, found)
    found.must_speak = await must_speak(world.sql, schools())
    await calls.read_calls(world.sql, found)
    await calls.read_who_was_asked(world.sql, found)
    await reads.read_meetings(world.sql, found)
    found.money = dict((await world.sql("funding", MONEY))[0])
    await reads.read_funding(world.sql, found)
    await reads.read_notifications(world.sql, found)
    await reads.read_journey(lambda service, statement: _each(world, service, statement), found)
    for receiver in world.receivers:
        found.received[receiver.department] = {each.id: each.type for each in receiver.messages.values()}
        found.received_as[receiver.department] = receiver.webhook_ids
    found.mails = mails_in(world.stack.mailbox.file)
    there = {row["urn"] for row in await world.sql("membership", "select urn from school")}  # made ones among them
    found.named_in_logs = list(islice(naming_schools(world.stack.state / "logs", SERVICES, there), MOST_LINES))


async def _each(world: World, service: str, statement: str) -> AsyncIterator[Any]:
    """Rows as they come, a few at a time."""
    connection = await asyncpg.connect(world.stack.database_url(service).replace("+asyncpg", ""), timeout=10)
    try:
        async with connection.transaction():
            async for row in connection.cursor(statement, prefetch=5_000):
                yield row
    finally:
        await connection.close()


def mails_in(file: Path) -> dict[str, int]:
    """How often each letter was received; the part of its Message-ID before the @ is the letter's own."""
    found: dict[str, int] = defaultdict(int)
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        found[json.loads(line)["message_id"].strip("<>").partition("@")[0]] += 1
    return found


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
    for topic in all_topics():
        if topic.department is not None and topic.authority is not None:
            user = department_user(topic.authority, topic.department)
        else:
            user = next(each for each in SERVICES if each in topic.consumers)
        partitions: list[list[Told]] = [[] for _ in range(topic.partitions)]
        async for each in each_of(settings_of(world, user), topic.name):
            partitions[each.partition].append(told(each, topic.compacted))
        found.topics[topic.name] = list(chain.from_iterable(partitions))
        found.readers[topic.name] = readers_of(topic.name)
