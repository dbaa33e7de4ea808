"""Membership's events, taken by funding's own inbox into a real database."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row

from services.funding.inbound import INBOUND
from shared.contracts.envelope import body_key, school_key, unpack
from shared.contracts.membership import (
    BodyRecorded,
    OfficeEnded,
    OfficeHolderMovedSchool,
    OfficeTakenUp,
    SchoolRecorded,
)
from shared.contracts.registry import EventData
from shared.messaging.cause import new_id
from shared.messaging.inbox import Inbox
from shared.messaging.records import Record
from shared.store import Store
from tests.conftest import Database
from tests.store.told import record_of_membership

WARWICKSHIRE = "937"
OAK, ELM, ASH = "100001", "100002", "100003"


@dataclass
class Funding:
    """The funding service without broker: what it is told, what it holds, what it has to say."""

    store: Store
    owner_url: str
    sequences: dict[str, int] = field(default_factory=dict)
    last_told: list[Record] = field(default_factory=list)

    async def today_is(self, today: date) -> None:
        async with self.store.unit() as uow:
            await uow.execute("delete from clock")
            await uow.execute("insert into clock (today) values ($1)", today)

    async def hears(self, on: date, *facts: EventData, story: UUID | None = None) -> None:
        """One batch of membership's records, in order, each key numbered on."""
        story = story or new_id()
        self.last_told = [self.record_of(on, fact, story) for fact in facts]
        await self.takes(self.last_told)

    async def takes(self, records: Sequence[Record]) -> None:
        await self.store.run(lambda uow: Inbox(INBOUND, "funding").take(records, uow))

    async def rows(self, sql: str, *args: Any) -> Sequence[Row[Any]]:
        async with self.store.unit() as uow:
            return await uow.rows(sql, *args)

    async def published(self) -> list[tuple[str, dict[str, Any]]]:
        """What is in the outbox: the thing and past participle of each type, with its data."""
        rows = await self.rows("select headers, value from outbox order by id")
        return [
            (dict(unpack(row.headers))["ce_type"].decode().removeprefix("consortia.funding."), json.loads(row.value))
            for row in rows
        ]

    async def awards(self) -> dict[int, dict[str | None, int]]:
        """Pence of the latest version by year and school; None is unawarded."""
        found: dict[int, dict[str | None, int]] = {}
        for row in await self.rows(
            """
            select extract(year from year_from)::int as year, urn, pence from award join award_share using (award_id, version)
            union all
            select extract(year from year_from)::int, null, unawarded_pence from award join award_version
                using (award_id, version)
            order by 1, 2
            """
        ):
            if row.pence:
                found.setdefault(row.year, {})[row.urn] = row.pence
        return found

    async def balances(self) -> dict[str, int]:
        """Credit balances of what schools are entitled to, and the debit of the commitment, by account."""
        rows = await self.rows(
            """
            select coalesce(urn, kind) as account, sum(pence)::bigint as pence
            from posting join account using (account_id) group by 1 having sum(pence) <> 0
            """
        )
        return {row.account: row.pence for row in rows}

    def record_of(self, on: date, fact: EventData, story: UUID) -> Record:
        if isinstance(fact, SchoolRecorded):
            key = school_key(WARWICKSHIRE, fact.urn)
        elif hasattr(fact, "body_id"):
            key = body_key(WARWICKSHIRE, fact.body_id)
        else:
            key = school_key(WARWICKSHIRE, getattr(fact, "urn"))  # noqa: B009
        self.sequences[key] = self.sequences.get(key, 0) + 1
        return record_of_membership(fact, key=key, sequence=self.sequences[key], on=on, story=story)


@pytest.fixture
async def funding(database: Callable[[str], Database]) -> AsyncIterator[Funding]:
    made = database("funding")
    store = Store(made.app_url, service="funding", pool_size=8)
    yield Funding(store, made.owner_url)
    await store.close()


def consortium(number: int = 1, *, award_pence: int | None = 500_000) -> BodyRecorded:
    return BodyRecorded(
        body_id=UUID(int=number),
        authority=WARWICKSHIRE,
        kind="primary-consortium" if award_pence else "special-group",
        name=f"Consortium {number}",
        opened_on=date(2017, 9, 1),
        award_pence=award_pence,
    )


def school(urn: str, *, sector: str = "maintained", trust: str | None = None) -> SchoolRecorded:
    return SchoolRecorded(
        urn=urn,
        authority=WARWICKSHIRE,
        name=f"School {urn}",
        phase="Primary",
        type_code="01",
        sector=sector,
        state_funded=True,
        open=True,
        region="West Midlands",
        trust_id=trust,
        trust_name=f"Trust {trust}" if trust else None,
    )


@dataclass(frozen=True)
class Holder:
    """One term of office of an invented person, and the facts that membership tells of it."""

    number: int
    urn: str | None
    from_date: date
    body: int = 1
    post: str = "chair"
    until: date | None = None
    route: str = "meeting"

    @property
    def term_id(self) -> UUID:
        return UUID(int=1000 + self.number)

    def takes_up(self) -> OfficeTakenUp:
        return OfficeTakenUp(
            term_id=self.term_id,
            office_id=UUID(int=2000 + self.body),
            body_id=UUID(int=self.body),
            post=self.post,
            person_id=UUID(int=3000 + self.number),
            school_urn=self.urn,
            from_date=self.from_date,
            until=self.until,
            route=self.route,
        )

    def ends(self, on: date, reason: str = "resigned") -> OfficeEnded:
        return OfficeEnded(
            term_id=self.term_id,
            office_id=UUID(int=2000 + self.body),
            body_id=UUID(int=self.body),
            post=self.post,
            person_id=UUID(int=3000 + self.number),
            ended_on=on,
            reason=reason,
        )

    def moves(self, on: date, to_urn: str | None) -> OfficeHolderMovedSchool:
        return OfficeHolderMovedSchool(
            term_id=self.term_id,
            body_id=UUID(int=self.body),
            person_id=UUID(int=3000 + self.number),
            from_urn=self.urn,
            to_urn=to_urn,
            moved_on=on,
        )
