"""A fresh membership database, and a small authority in it: six schools of one consortium, two people in office."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Outcome
from services.membership.domain.listing import Listing, Source
from services.membership.domain.office import Term
from services.membership.domain.school import Status
from services.membership.store.people import Person
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import OutcomeRecorded, Published, record_outcomes
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.turn_days import turn_days
from shared.contracts.envelope import read_envelope, unpack
from shared.messaging.cause import new_id
from shared.store import Store, UnitOfWork
from tests.conftest import Database, Databases
from tests.store.membership.asking import Ask, asking

T = TypeVar("T")
START = date(2023, 9, 1)


@dataclass(frozen=True)
class Said:
    """One event as it waits in the outbox."""

    type: str
    key: str
    data: dict[str, Any]
    told: bool
    sensitivity: str
    correlation_id: UUID
    causation_id: UUID | None
    id: UUID


@dataclass
class Authority:
    """Warwickshire in small. Everybody and every school in it is invented."""

    store: Store
    body_id: UUID
    people: dict[str, UUID] = field(default_factory=dict)

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self.store.run(work)

    async def on(self, day: date) -> None:
        """The test clock goes to that day, and the day's turn is done."""
        await self.do(
            lambda uow: uow.execute(
                "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", day
            )
        )
        while await self.do(turn_days):
            pass

    async def publish(self, urn: str, published: date, **judged: Any) -> list[OutcomeRecorded]:
        """Ofsted publishes an outcome for the school, recorded that day."""
        inspected = judged.pop("inspected", urn)
        number = judged.pop("number", f"N{urn}{published:%Y%m%d}")
        began = judged.pop("began", published.replace(day=1))
        as_at = judged.pop("as_at", None)

        async def work(uow: UnitOfWork) -> list[OutcomeRecorded]:
            outcome = Outcome(
                urn=inspected,
                inspection_number=number,
                kind=judged.pop("kind", "graded"),
                inspection_started_on=began,
                published_on=published,
                recorded_at=uow.now,
                **judged,
            )
            listed = [Published(urn, outcome)]
            return await record_outcomes(uow, listed, take_on=False, source="test", as_at=as_at)

        return await self.do(work)

    async def said(self, *types: str, urn: str | None = None) -> list[Said]:
        """What was recorded so far, of these types (short names), in order."""
        async with self.store.unit() as uow:
            rows = await uow.rows("select key, headers, value from outbox order by id")
        found = []
        for row in rows:
            envelope = read_envelope(unpack(row.headers))
            short = envelope.type.split(".", 2)[2].rsplit(".v", 1)[0]
            if (types and short not in types) or (urn and not row.key.endswith(urn)):
                continue
            import json

            found.append(
                Said(
                    short,
                    row.key,
                    json.loads(row.value),
                    envelope.told,
                    envelope.sensitivity.value,
                    envelope.correlation_id,
                    envelope.causation_id,
                    envelope.id,
                )
            )
        return found

    async def forget_said(self) -> None:
        await self.do(lambda uow: uow.execute("delete from outbox"))

    async def answers(self, urn: str, matter: str = "general") -> list[tuple[date, date | None, str, UUID | None]]:
        async with self.store.unit() as uow:
            rows = await uow.rows(
                "select lower(during), upper(during), role, person_id from speaker "
                "where urn = $1 and matter = $2 order by lower(during)",
                urn,
                matter,
            )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def line(urn: str, as_at: date = START, **changes: Any) -> Listing:
    """A line of the register: a community primary school, open."""
    known: dict[str, Any] = {
        "urn": urn,
        "authority": "937",
        "name": f"School {urn}",
        "phase": "Primary",
        "type_code": "1",
        "status": Status.OPEN,
        "postcode_district": "CV31",
    }
    return Listing(source=Source.GIAS, as_at=as_at, file="test", **(known | changes))


SCHOOLS = ["900001", "900002", "900003", "900004"]
ACADEMIES = ["900011", "900012"]


@pytest.fixture
async def store(database: Callable[[str], Any]) -> AsyncIterator[Store]:
    store = Store(database("membership").app_url, service="membership")
    yield store
    await store.close()


@dataclass(frozen=True)
class Original:
    """Abbey, taken on once and stopped as it stands: each test gets a copy of its database."""

    database: Database
    authority: Authority


@pytest.fixture(scope="session")
def abbey_taken_on(databases: Databases) -> Iterator[Original]:
    made = databases("membership")

    async def prepare() -> Authority:
        store = Store(made.app_url, service="membership")
        authority = await abbey_in(store)
        await store.close()  # nobody may be connected to a database that is copied
        return authority

    yield Original(made, asyncio.run(prepare()))
    databases.drop(made)


@pytest.fixture
async def abbey(abbey_taken_on: Original, databases: Databases) -> AsyncIterator[Authority]:
    """Abbey consortium, untouched."""
    copy = databases.copy(abbey_taken_on.database, "membership")
    store = Store(copy.app_url, service="membership")
    yield Authority(store, abbey_taken_on.authority.body_id, dict(abbey_taken_on.authority.people))
    await store.close()
    databases.drop(copy)


async def abbey_in(store: Store) -> Authority:
    """Abbey consortium on 1 September 2023: four maintained schools and two academies of one trust."""
    authority = Authority(store, new_id())
    names = ["chair", "deputy", "leader", "chief", "newcomer", "officer"]
    authority.people = {name: uuid4() for name in names}
    await authority.on(START)
    lines = [line(urn) for urn in SCHOOLS]
    lines += [line(urn, type_code="34", trust_id="7001", trust_name="Larch Trust") for urn in ACADEMIES]
    await authority.do(lambda uow: keep_schools(uow, lines))
    who = authority.people
    body = Body(
        authority.body_id, "937", "primary-consortium", "Abbey", ["Central"], START, None, 500_000, "04-01",
        new_id(), new_id(), new_id(),
    )  # fmt: skip
    given = TakenOn(
        authority="937",
        districts=[("CV31", "Central")],
        people=[Person(who[name], "937", f"Invented {name}", f"{name}@example.org", None) for name in names],
        bodies=[body],
        headships=[Headship(who["chair"], "900001", date(2018, 9, 1), None)],
        terms=[
            Term(new_id(), new_id(), authority.body_id, post, who[post], date(2022, 9, 1), None, "taken-on")
            for post in ("chair", "deputy")
        ],
        memberships=[Membership(authority.body_id, urn, START, None, True) for urn in SCHOOLS + ACADEMIES],
        allocations=[Allocation(new_id(), "900002", who["leader"], START, None)],
        trust_contacts=[TrustContact("7001", "chief-executive", who["chief"], START, None)],
    )
    await authority.do(lambda uow: take_on(uow, given))
    return authority


@pytest.fixture
async def ask(abbey: Authority, tmp_path: Path) -> AsyncIterator[Ask]:
    client, send = asking(abbey.store, tmp_path)
    async with client:
        yield send
