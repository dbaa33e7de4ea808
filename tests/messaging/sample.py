"""A small writer and a small reader, built from the shared parts alone, so that the path is tested without any service.

The writer says sentences about schools: each is a row of `said` and a record in one transaction. The reader keeps the
last sentence of every school (a projection) and notes each sentence once (a reaction).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.contracts.envelope import Envelope
from shared.contracts.membership import LaCategorySet, SchoolRecorded
from shared.contracts.registry import Sensitivity, type_of
from shared.messaging.cause import Cause, new_id
from shared.messaging.inbound import Inbound, Projection, Received
from shared.messaging.inbox import Record
from shared.messaging.outbox import Unsent
from shared.store import Store, UnitOfWork

WRITER, READER = "membership", "meetings"

WRITER_TABLES = """
    create table spoken (key text primary key, number bigint not null);
    create table said (key text not null, number bigint not null, value text not null unique, primary key (key, number));
"""
READER_TABLES = """
    create table school_kept (urn text primary key, name text not null, changes integer not null);
    create table noted (
        position bigint generated always as identity primary key,
        key text not null, epoch integer not null, sequence bigint not null, event_id uuid not null, value text not null
    );
"""

TYPE = type_of(SchoolRecorded).name
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def key_of(urn: int | str) -> str:
    return f"937/school/{urn}"


def school(urn: int | str, name: str) -> SchoolRecorded:
    return SchoolRecorded(
        urn=str(urn),
        authority="937",
        name=name,
        phase="primary",
        type_code="01",
        sector="maintained",
        state_funded=True,
        open=True,
        region="West Midlands",
    )


def envelope(
    key: str,
    sequence: int = 1,
    *,
    epoch: int = 1,
    type: str = TYPE,
    id: UUID | None = None,
    sensitivity: Sensitivity = Sensitivity.PUBLIC,
) -> Envelope:
    cause = Cause.story()
    return Envelope(
        id or new_id(),
        f"/consortia/{WRITER}",
        type,
        key.rsplit("/", 1)[-1],
        NOON,
        epoch,
        sequence,
        cause.correlation_id,
        None,
        None,
        sensitivity,
        True,
        None,
    )


def say(uow: UnitOfWork, topic: str, urn: int | str, value: str) -> None:
    """Record one sentence about a school, on a topic of the test's own."""
    key = key_of(urn)
    data = school(urn, value).model_dump_json().encode()
    uow.copy(envelope(key), data, topic=topic, key=key)


async def say_in_turn(uow: UnitOfWork, topic: str, urn: int | str, value: str) -> None:
    """The same, with a number that the business itself gives under a lock: what the checkers measure order against."""
    number = await uow.value(
        "insert into spoken as s values ($1, 1) on conflict (key) do update set number = s.number + 1 returning number",
        key_of(urn),
    )
    await uow.execute("insert into said (key, number, value) values ($1, $2, $3)", key_of(urn), number, value)
    say(uow, topic, urn, value)


def unsent(topic: str, urn: int, value: str) -> Unsent:
    key = key_of(urn)
    return Unsent(topic, key, envelope(key), school(urn, value).model_dump_json().encode())


@dataclass
class ByHand:
    """Makes records as the broker would hand them out, with any fault that is wanted. Offsets count up."""

    topic: str = "by-hand.v1"
    offset: int = 0

    def record(
        self,
        urn: int | str,
        sequence: int,
        name: str | None = None,
        *,
        epoch: int = 1,
        type: str = TYPE,
        id: UUID | None = None,
        value: bytes | None = b"",
        topic: str | None = None,
        spoil: Callable[[list[tuple[str, bytes]]], None] | None = None,
    ) -> Record:
        key = key_of(urn)
        if value == b"":
            value = school(urn, name or f"{urn}-{epoch}-{sequence}").model_dump_json().encode()
        headers = [
            (header, text.encode()) for header, text in envelope(key, sequence, epoch=epoch, type=type, id=id).headers()
        ]
        if spoil is not None:
            spoil(headers)
        self.offset += 1
        return Record(topic or self.topic, 0, self.offset - 1, key, value, headers)


class Ill(Exception):
    """What a handler raises on a sentence that it cannot stomach."""


@dataclass
class Reader:
    """The handlers of the reader. ``ill`` are sentences on which the reaction raises."""

    ill: set[str] = field(default_factory=set)
    lists: list[list[str]] = field(default_factory=list)

    async def keep_schools(self, events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
        await uow.execute(
            """
            insert into school_kept as kept (urn, name, changes)
            select urn, name, 1 from unnest($1::text[], $2::text[]) as new (urn, name) order by urn
            on conflict (urn) do update set name = excluded.name, changes = kept.changes + 1
            """,
            [event.data.urn for event in events],
            [event.data.name for event in events],
        )

    async def when_a_school_was_recorded_note_it(self, events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
        self.lists.append([event.data.name for event in events])
        if bad := self.ill & {event.data.name for event in events}:
            raise Ill(", ".join(sorted(bad)))
        await note(events, uow)

    def inbound(self) -> Inbound:
        return Inbound(
            projections={SchoolRecorded: Projection(self.keep_schools, tables=("school_kept",))},
            reactions={SchoolRecorded: self.when_a_school_was_recorded_note_it},
        )


async def note(events: Sequence[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        insert into noted (key, epoch, sequence, event_id, value)
        select * from unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::text[])
        """,
        [event.key for event in events],
        [event.epoch for event in events],
        [event.sequence for event in events],
        [event.id for event in events],
        [event.data.name for event in events],
    )


def category(urn: int, value: int) -> bytes:
    """The data of an event that the reader has no handler for."""
    return (
        LaCategorySet(
            entry_id=uuid4(), urn=str(urn), category=value, from_date=date(2026, 9, 1), review_on=date(2027, 9, 1)
        )
        .model_dump_json()
        .encode()
    )


async def noted(store: Store) -> dict[str, list[str]]:
    """What was noted, by school, in the order in which it was done."""
    async with store.unit() as uow:
        found: dict[str, list[str]] = {}
        for row in await uow.rows("select key, value from noted order by position"):
            found.setdefault(row.key.rsplit("/", 1)[-1], []).append(row.value)
        return found


async def parked(store: Store) -> list[tuple[str, str, str]]:
    """(school or "-", status, reason) of what is parked, by offset."""
    async with store.unit() as uow:
        rows = await uow.rows('select key, status, reason from parked order by topic, partition, "offset"')
        return [((row.key or "-").rsplit("/", 1)[-1], row.status, row.reason) for row in rows]


async def fetch(store: Store, sql: str, *args: Any) -> list[Any]:
    async with store.unit() as uow:
        return list(await uow.rows(sql, *args))


def bad_json(texts: Iterable[str]) -> list[bytes]:
    return [text.encode() for text in texts] + [json.dumps({"urn": 7}).encode()]
