"""Membership's events, taken by the own inbox of meetings into a real database."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row

from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP, HEADS, Meeting
from services.meetings.inbound import INBOUND
from services.meetings.store import queries
from services.meetings.use_cases.schedule_meeting import schedule_meeting
from shared.contracts.envelope import body_key, person_key, school_key, unpack
from shared.contracts.membership import (
    BodyRecorded,
    OfficeEnded,
    OfficeTakenUp,
    PersonRecorded,
    RepresentationReassigned,
    SchoolRecorded,
    SchoolTold,
    Speaker,
)
from shared.contracts.registry import EventData
from shared.messaging.cause import new_id
from shared.messaging.inbox import Inbox
from shared.messaging.records import Record
from shared.store import Store
from tests.conftest import Database
from tests.store.told import record_of_membership

Envelopes = dict[str, str]  # headers by name

WARWICKSHIRE, BRISTOL = "937", "801"
OAK, ELM, QUAY = "100001", "100002", "200001"
CONSORTIUM, SECOND_CONSORTIUM, GROUP, BRISTOL_GROUP = (UUID(int=number) for number in (1, 2, 9, 20))
AREA = "Nuneaton and Bedworth"
JANUARY, FEBRUARY, MARCH, APRIL = date(2025, 1, 13), date(2025, 2, 10), date(2025, 3, 10), date(2025, 4, 7)


@dataclass
class Meetings:
    """The meetings service without broker: what it is told, what it holds, what it has to say."""

    store: Store
    sequences: dict[str, int] = field(default_factory=dict)

    async def today_is(self, today: date) -> None:
        async with self.store.unit() as uow:
            await uow.execute("delete from clock")
            await uow.execute("insert into clock (today) values ($1)", today)

    async def hears(
        self, on: date, *facts: EventData, authority: str = WARWICKSHIRE, told: bool = True, story: UUID | None = None
    ) -> list[Record]:
        """One batch of membership's records, in order, each key numbered on."""
        story = story or new_id()
        records = [self.record_of(on, fact, authority, told, story) for fact in facts]
        await self.takes(records)
        return records

    async def takes(self, records: Sequence[Record]) -> None:
        await self.store.run(lambda uow: Inbox(INBOUND, "meetings").take(records, uow))

    async def meets(self, on: date, body_id: UUID = GROUP, kind: str = AREA_ANALYSIS_GROUP) -> Meeting:
        async with self.store.unit() as uow:
            return await schedule_meeting(uow, await queries.body(uow, body_id), kind, on)

    async def heads_meet(self, on: date, body_id: UUID = CONSORTIUM) -> Meeting:
        return await self.meets(on, body_id, HEADS)

    async def somebody_waits(self, task: asyncio.Task[Any]) -> bool:
        """Whether a transaction waits for a lock of another; or the task went ahead without waiting."""
        waiting = await self.rows(
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return task.done() or bool(waiting)

    async def agenda(self, meeting: Meeting) -> list[str]:
        """The schools with a live item."""
        async with self.store.unit() as uow:
            return [item["urn"] for item in await queries.items_of(uow, meeting.meeting_id)]

    async def rows(self, sql: str, *args: Any) -> Sequence[Row[Any]]:
        async with self.store.unit() as uow:
            return await uow.rows(sql, *args)

    async def published(self, *things: str) -> list[tuple[str, dict[str, Any], Envelopes]]:
        """What is in the outbox of these things: the thing and past participle, its data, its headers and key."""
        found = []
        for row in await self.rows("select key, headers, value from outbox order by id"):
            headers = {name: value.decode() for name, value in unpack(row.headers)}
            thing = headers["ce_type"].removeprefix("consortia.meetings.").removesuffix(".v1")
            if not things or thing in things:
                found.append((thing, json.loads(row.value), {**headers, "key": row.key}))
        return found

    async def things_published(self, *things: str) -> list[str]:
        return [thing for thing, _, _ in await self.published(*things)]

    def record_of(self, on: date, fact: EventData, authority: str, told: bool, story: UUID) -> Record:
        key = _key(fact, authority)
        self.sequences[key] = self.sequences.get(key, 0) + 1
        return record_of_membership(fact, key=key, sequence=self.sequences[key], on=on, story=story, told=told)


def _key(fact: EventData, authority: str) -> str:
    found = fact.model_dump()
    if isinstance(fact, PersonRecorded):
        return person_key(authority, fact.person_id)
    if "body_id" in found:
        return body_key(authority, found["body_id"])
    return school_key(authority, found["urn"])


@pytest.fixture
async def meetings(database: Callable[[str], Database]) -> AsyncIterator[Meetings]:
    store = Store(database("meetings").app_url, service="meetings", pool_size=8)
    yield Meetings(store)
    await store.close()


@pytest.fixture
async def warwickshire(meetings: Meetings) -> Meetings:
    """Two schools, a consortium and its area's Area Analysis Group, on a day in January."""
    await meetings.today_is(JANUARY)
    await meetings.hears(JANUARY, group(), consortium(), school(OAK), school(ELM))
    return meetings


def school(urn: str, *, area: str | None = AREA, authority: str = WARWICKSHIRE, is_open: bool = True) -> SchoolRecorded:
    return SchoolRecorded(
        urn=urn,
        authority=authority,
        name=f"School {urn}",
        phase="Primary",
        type_code="01",
        sector="maintained",
        state_funded=True,
        open=is_open,
        area=area,
        region="West Midlands",
    )


def group() -> BodyRecorded:
    return body(GROUP, AREA_ANALYSIS_GROUP, f"{AREA} Area Analysis Group")


def consortium(body_id: UUID = CONSORTIUM) -> BodyRecorded:
    return body(body_id, "primary-consortium", f"Consortium {body_id.int}")


def body(
    body_id: UUID,
    kind: str,
    name: str,
    *,
    area: str | None = AREA,
    areas: Sequence[str] = (),
    authority: str = WARWICKSHIRE,
) -> BodyRecorded:
    return BodyRecorded(
        body_id=body_id,
        authority=authority,
        kind=kind,
        name=name,
        area=None if areas else area,
        areas=list(areas),
        opened_on=date(2017, 9, 1),
    )


def chair(person: int = 1) -> Speaker:
    return Speaker(
        role="chair", office_id=UUID(int=50), body_id=CONSORTIUM, person_id=UUID(int=person), rule="body-chair"
    )


def system_leader(person: int = 7) -> Speaker:
    return Speaker(role="system-leader", person_id=UUID(int=person), rule="maintained-3-4-allocated")


def duty_desk() -> Speaker:
    return Speaker(role="duty-desk", rule="maintained-3-4-unallocated")


def reassigned(
    urn: str, before: Speaker | None, after: Speaker, *, cause: str = "category-in-force"
) -> RepresentationReassigned:
    return RepresentationReassigned(
        urn=urn,
        general_before=before,
        general_after=after,
        inspection_before=before,
        inspection_after=after,
        valid_from=JANUARY,
        policy="warwickshire",
        policy_version=1,
        category=3,
        cause=cause,
    )


def told(urn: str, *stories: UUID, on: date = JANUARY) -> SchoolTold:
    return SchoolTold(urn=urn, told_on=on, releases=list(stories))


def takes_the_chair(
    person: int, from_date: date, *, body_id: UUID = CONSORTIUM, post: str = "chair", urn: str | None = OAK
) -> OfficeTakenUp:
    return OfficeTakenUp(
        term_id=UUID(int=1000 + person),
        office_id=UUID(int=50),
        body_id=body_id,
        post=post,
        person_id=UUID(int=person),
        school_urn=urn,
        from_date=from_date,
        route="meeting",
    )


def leaves_the_chair(person: int, on: date, *, body_id: UUID = CONSORTIUM, post: str = "chair") -> OfficeEnded:
    return OfficeEnded(
        term_id=UUID(int=1000 + person),
        office_id=UUID(int=50),
        body_id=body_id,
        post=post,
        person_id=UUID(int=person),
        ended_on=on,
        reason="succeeded",
    )
