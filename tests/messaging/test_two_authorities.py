"""A school that passed to another authority is told of under two keys, and no reader may need an order between keys.

Each service keeps the same of it in whatever order the two are read, together or apart, live or in a rebuild (I7, D3.2).
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import school_key
from shared.contracts.membership import (
    ChairsOfGovernorsRecorded,
    HeadshipBegan,
    HeadshipEnded,
    InTheChair,
    SchoolRecorded,
    TrustContactsRecorded,
    TrustPost,
)
from shared.contracts.registry import EventData
from shared.messaging.inbound import Inbound
from shared.messaging.inbox import Inbox
from shared.messaging.rebuild import Rebuild
from shared.messaging.records import Record
from shared.settings import ServiceSettings
from shared.store import Store
from tests.conftest import Database
from tests.messaging.on_topic import put
from tests.store.told import record_of_membership

OLD, NEW, OAK = "937", "801", "100001"
ADA, BEA, CLEO = (UUID(int=number) for number in (1, 2, 3))
SEPTEMBER, JANUARY, FEBRUARY = date(2024, 9, 1), date(2025, 1, 13), date(2025, 2, 10)


def school(authority: str) -> SchoolRecorded:
    return SchoolRecorded(
        urn=OAK,
        authority=authority,
        name=f"Oak of {authority}",
        phase="Primary",
        type_code="01",
        sector="maintained",
        state_funded=True,
        open=True,
        region="South West",
    )


def began(person: UUID, on: date = SEPTEMBER) -> HeadshipBegan:
    return HeadshipBegan(urn=OAK, person_id=person, from_date=on)


def ended(person: UUID, on: date) -> HeadshipEnded:
    return HeadshipEnded(urn=OAK, person_id=person, from_date=SEPTEMBER, ended_on=on)


def chairs(*held: tuple[UUID, date | None]) -> ChairsOfGovernorsRecorded:
    line = [InTheChair(person_id=person, from_date=SEPTEMBER, until=until) for person, until in held]
    return ChairsOfGovernorsRecorded(urn=OAK, chairs=line)


def contacts(*held: tuple[UUID, date | None]) -> TrustContactsRecorded:
    line = [
        TrustPost(post="chief-executive", person_id=person, from_date=SEPTEMBER, until=until) for person, until in held
    ]
    return TrustContactsRecorded(trust_id="7001", contacts=line)


# In the order of their telling. Ada left after the school had passed over; that Cleo left before was taken back after.
TOLD: Sequence[tuple[str, EventData]] = (
    (OLD, school(OLD)),
    (OLD, began(ADA)),
    (OLD, began(CLEO)),
    (OLD, ended(CLEO, JANUARY)),
    (OLD, chairs((ADA, None))),
    (OLD, contacts((ADA, None))),
    (NEW, school(NEW)),
    (NEW, ended(ADA, FEBRUARY)),
    (NEW, began(BEA, FEBRUARY)),
    (NEW, began(CLEO)),
    (NEW, chairs((ADA, FEBRUARY))),
    (NEW, contacts((BEA, None))),
)
HEADS = [(ADA, FEBRUARY), (BEA, None), (CLEO, None)]
LINES = [("school", OAK, NEW), ("trust", "7001", NEW)]
HELD = [("school", OAK, ADA, FEBRUARY), ("trust", "7001", BEA, None)]


def old_first(records: list[Record]) -> list[list[Record]]:
    return [[each] for each in records]


def new_first(records: list[Record]) -> list[list[Record]]:
    return [[each] for each in sorted(records, key=lambda record: record.key != school_key(NEW, OAK))]


def in_one_batch(records: list[Record]) -> list[list[Record]]:
    return [records]


def in_one_batch_new_first(records: list[Record]) -> list[list[Record]]:
    return [[each for (each,) in new_first(records)]]


ORDERS = (old_first, new_first, in_one_batch, in_one_batch_new_first)


@dataclass
class Reading:
    """One service with a database of its own, and a topic on which nobody else writes."""

    service: str
    inbound: Inbound
    settings: ServiceSettings
    store: Store
    topic: str
    tables: dict[str, str]

    def records(self) -> list[Record]:
        numbers: dict[str, int] = {}
        found = []
        for authority, fact in TOLD:
            numbers[authority] = numbers.get(authority, 0) + 1
            record = record_of_membership(
                fact, key=school_key(authority, OAK), sequence=numbers[authority], on=JANUARY, story=uuid4()
            )
            found.append(replace(record, topic=self.topic))
        return found

    async def takes(self, batches: list[list[Record]]) -> None:
        for batch in batches:
            await self.store.run(lambda uow, batch=batch: Inbox(self.inbound, self.service).take(batch, uow))

    async def kept(self) -> list[list[Any]]:
        async with self.store.unit() as uow:
            return [[tuple(row) for row in await uow.rows(sql)] for sql in self.tables.values()]

    async def rebuild(self) -> list[int]:
        """How many rows of these tables differ from what grew live."""
        rebuild = Rebuild(
            self.settings, self.inbound, self.service, topics=[self.topic], group=f"{self.service}.{self.topic}"
        )
        return [each.differing for each in await rebuild.run() if each.table in self.tables]


SCHOOL = "select authority, name from school where urn = '100001'"
TABLES = {
    "meetings": {"school": SCHOOL},
    "funding": {"school": SCHOOL},
    "notifications": {
        "school": SCHOOL,
        "headship": "select person_id, until from headship order by person_id",
        "post_line": "select kind, subject, told_under from post_line order by kind",
        "post_held": "select kind, subject, person_id, until from post_held order by kind",
    },
}
EXPECTED: dict[str, list[Any]] = {
    service: [[(NEW, f"Oak of {NEW}")], *([HEADS, LINES, HELD] if "headship" in tables else [])]
    for service, tables in TABLES.items()
}


@pytest.fixture(params=TABLES)
async def reading(
    request: pytest.FixtureRequest,
    database: Callable[[str], Database],
    kafka_settings: Callable[[str], Any],
    topic: Callable[..., str],
) -> AsyncIterator[Reading]:
    service = request.param
    made, user = database(service), kafka_settings(service)
    settings = ServiceSettings(
        database_url=made.app_url,
        owner_database_url=made.owner_url,
        kafka_bootstrap=user.bootstrap,
        kafka_username=user.username,
        kafka_password=user.password,
    )
    store = Store(made.app_url, service=service)
    inbound = import_module(f"services.{service}.inbound").INBOUND
    yield Reading(service, inbound, settings, store, topic("two-authorities", partitions=1), TABLES[service])
    await store.close()


@pytest.mark.parametrize("order", ORDERS)
async def test_a_school_is_its_new_authoritys_and_its_people_are_those_of_now_in_whatever_order_the_keys_are_read(
    reading: Reading, order: Callable[[list[Record]], list[list[Record]]]
) -> None:
    """I7: Ada, who is gone, is written to as the head no more; Cleo, who stayed, is. Of who chairs the governors and who is in
    post at the trust the last word is the whole line."""
    await reading.takes(order(reading.records()))
    assert await reading.kept() == EXPECTED[reading.service]


async def test_a_rebuild_that_reads_the_new_authority_first_and_both_together_ends_like_what_grew_live(
    reading: Reading,
) -> None:
    """I7: live they came in the order of their telling."""
    records = reading.records()
    await put(reading.settings, reading.topic, [each for (each,) in new_first(records)])
    await reading.takes(old_first(records))
    assert await reading.rebuild() == [0] * len(reading.tables)
    assert await reading.kept() == EXPECTED[reading.service]


async def test_a_number_that_one_authority_used_says_nothing_of_the_words_of_the_other(reading: Reading) -> None:
    """D3.2: the school comes back, and its first authority goes on where it had stopped."""
    records = reading.records()
    next_number = 1 + sum(authority == OLD for authority, _ in TOLD)
    back = record_of_membership(school(OLD), key=school_key(OLD, OAK), sequence=next_number, on=FEBRUARY, story=uuid4())
    returned = [*records, replace(back, topic=reading.topic)]
    await reading.takes(new_first(returned))
    assert (await reading.kept())[0] == [(OLD, f"Oak of {OLD}")]
