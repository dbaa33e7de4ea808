"""The final reads: what is in the databases and on the topics when all is quiet. The checkers judge this and the history."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import intern

from infra.demo.registers import schools
from infra.local.keys import department_user
from infra.local.ports import SERVICES
from shared.contracts.topics import all_topics
from shared.messaging.inbox import Record
from shared.messaging.rebuild import Rebuild, Rebuilt
from tests.faults.of_records import settings_of
from tests.faults.world import World
from tests.messaging.on_topic import read_all

Stream = tuple[str, str]  # (topic, key)


@dataclass(frozen=True, slots=True)
class Told:
    """One record as it stands on a topic."""

    key: str
    sequence: int
    id: str
    type: str
    sensitivity: str
    told: bool
    correlation_id: str
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
    told_too_early: list[str] = field(default_factory=list)
    received: dict[str, dict[str, str]] = field(default_factory=dict)  # webhooks: department to id to type
    rebuilt: dict[str, list[Rebuilt]] = field(default_factory=dict)
    by_hand: frozenset[Stream] = frozenset()

    @property
    def events(self) -> int:
        """Committed records, repeats apart."""
        return sum(self.heads.values())


async def final_reads(world: World) -> Final:
    found = Final(by_hand=frozenset(world.by_hand))
    for service in SERVICES:
        rows = await world.sql(service, "select topic, key, sequence from stream_head")
        found.heads |= {(row["topic"], row["key"]): row["sequence"] for row in rows}
        rows = await world.sql(service, "select topic, key, sequence from inbox_key")
        found.reached[service] = {(row["topic"], row["key"]): row["sequence"] for row in rows}
        found.outbox[service] = (await world.sql(service, "select count(*) as n from outbox"))[0]["n"]
        found.parked[service] = (await world.sql(service, "select count(*) as n from parked"))[0]["n"]
    await _topics(world, found)
    await _facts(world, found)
    await _telling(world, found)
    found.received = {
        receiver.department: {each.id: each.type for each in receiver.messages.values()} for receiver in world.receivers
    }
    for service in ("meetings", "funding", "notifications"):
        inbound = importlib.import_module(f"services.{service}.inbound").INBOUND
        settings = settings_of(world, service)
        settings.owner_database_url = world.stack.owner_url(service)
        found.rebuilt[service] = await Rebuild(settings, inbound, service).run(swap=False)
    return found


async def _topics(world: World, found: Final) -> None:
    for topic in all_topics():
        if topic.department is not None and topic.authority is not None:
            user = department_user(topic.authority, topic.department)
        else:
            user = next(each for each in SERVICES if each in topic.consumers)
        records = await read_all(settings_of(world, user), topic.name)
        found.topics[topic.name] = [_told(each, topic.compacted) for each in records]
        found.readers[topic.name] = tuple(each for each in topic.consumers if each in SERVICES)


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
        of("correlationid"),
        _names(of("type"), record.value),
        compacted,
    )


def _names(kind: str, value: bytes | None) -> str:
    if not kind.startswith("consortia.membership.outcome.published") or value is None:
        return ""
    _, _, rest = value.decode("utf-8", "replace").partition('"inspection_number":"')
    return rest.partition('"')[0]


async def _counted(world: World, service: str, named: str) -> dict[str, int]:
    rows = await world.sql(service, f"select name, count(*) as n from (select {named}) as each (name) group by 1")
    return {row["name"]: row["n"] for row in rows}


async def _facts(world: World, found: Final) -> None:
    """What the acts of the load have left behind."""
    found.outcomes = await _counted(world, "membership", "inspection_number from outcome")
    found.entries = await _counted(world, "membership", "reason from la_entry")
    found.meetings = await _counted(world, "meetings", "body_id::text || ' ' || on_date::text from meeting")
    rows = await world.sql("membership", "select name, string_agg(state, ',') as states from import group by 1")
    found.imports = {row["name"]: row["states"] for row in rows}
    rows = await world.sql(
        "membership",
        "select urn, matter, count(*) as n from speaker where during @> (select today from clock) group by 1, 2",
    )
    found.speakers = {(row["urn"], row["matter"]): row["n"] for row in rows}
    today = (await world.sql("membership", "select today from clock"))[0]["today"]
    made = await world.sql("membership", "select urn from school where urn between '900000' and '998999'")
    answering = {urn for urn, each in schools().items() if each.open_on(today) and (each.maintained or each.trust_id)}
    answering |= {row["urn"] for row in made}
    found.must_answer = frozenset((urn, matter) for urn in answering for matter in ("general", "inspection"))
    from tests.faults.watching import MONEY

    found.money = dict((await world.sql("funding", MONEY))[0])


async def _telling(world: World, found: Final) -> None:
    """What the feed and the departments were given."""
    rows = await world.sql(
        "notifications", "select count(*) - count(distinct event_id) as doubled, count(*) as n from feed_entry"
    )
    found.feed_doubled = rows[0]["doubled"]
    rows = await world.sql(
        "notifications", "select coalesce(sum(highest), 0) - (select count(*) from feed_entry) as n from feed_counter"
    )
    found.feed_gaps = int(rows[0]["n"])
    rows = await world.sql(
        "notifications",
        """
        select f.event_id::text as id from feed_entry f join journey j using (event_id)
        left join gate g using (correlation_id)
        where j.sensitivity in ('restricted', 'confidential', 'personal') and not j.told and g.told_on is null
        """,
    )
    found.told_too_early = [row["id"] for row in rows]
