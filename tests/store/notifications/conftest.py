"""The notifications service without its broker: what it reads, what it holds, what it has to say."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row

from services.notifications.inbound import INBOUND
from shared.clock import noon
from shared.contracts.envelope import Envelope, read_envelope, school_key, unpack
from shared.contracts.membership import Grades, OutcomePublished, SchoolRecorded
from shared.contracts.registry import EventData, Sensitivity, type_of
from shared.messaging.cause import new_id
from shared.messaging.inbox import Inbox, Record
from shared.store import Store
from tests.conftest import Database
from tests.statements import Asked, heard

WARWICKSHIRE, BRISTOL = "937", "801"
OAK = "100001"
DAY = date(2024, 3, 4)


@dataclass(frozen=True)
class Published:
    """A row of the outbox as its reader will see it."""

    topic: str
    key: str
    envelope: Envelope
    data: dict[str, Any]

    @property
    def thing(self) -> str:
        return self.envelope.type.split(".", 2)[2].removesuffix(".v1")


@dataclass
class Notifications:
    store: Store
    owner_url: str
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)

    def record_of(
        self,
        data: EventData,
        key: str,
        *,
        story: UUID | None = None,
        because: UUID | None = None,
        told: bool = True,
        sensitivity: Sensitivity | None = None,
        on: date = DAY,
        traceparent: str | None = None,
    ) -> Record:
        kind = type_of(data)
        stream = (kind.topic, key)
        self.sequences[stream] = self.sequences.get(stream, 0) + 1
        envelope = Envelope(
            id=new_id(),
            source=f"/consortia/{kind.service}",
            type=kind.name,
            subject=key.rsplit("/", 1)[-1],
            time=noon(on),
            epoch=1,
            sequence=self.sequences[stream],
            correlation_id=story or new_id(),
            causation_id=because,
            traceparent=traceparent,
            sensitivity=sensitivity or kind.sensitivity,
            told=told,
            batch_id=None,
        )
        headers = [(name, value.encode()) for name, value in envelope.headers()]
        return Record(kind.topic, 0, self.sequences[stream], key, data.model_dump_json().encode(), headers)

    async def reads(self, *records: Record) -> None:
        """One batch in one transaction."""
        await self.store.run(lambda uow: Inbox(INBOUND, "notifications").take(records, uow))

    async def rows(self, sql: str, *args: Any) -> Sequence[Row[Any]]:
        async with self.store.unit() as uow:
            return await uow.rows(sql, *args)

    async def published(self) -> list[Published]:
        return [
            Published(row.topic, row.key, read_envelope(unpack(row.headers)), json.loads(row.value))
            for row in await self.rows("select topic, key, headers, value from outbox order by id")
        ]

    async def topic(self, department: str, authority: str = WARWICKSHIRE) -> list[Published]:
        """What a department's own topic was given, in order."""
        name = f"consortia.{authority}.{department}.events.v1"
        return [each for each in await self.published() if each.topic == name]


def id_of(record: Record) -> UUID:
    return read_envelope(record.headers).id


@pytest.fixture
async def notifications(database: Callable[[str], Database]) -> AsyncIterator[Notifications]:
    made = database("notifications")
    store = Store(made.app_url, service="notifications", pool_size=24)
    yield Notifications(store, made.owner_url)
    await store.close()


@pytest.fixture
def statements(notifications: Notifications) -> Iterator[Asked]:
    """Every statement sent to the database from now on, with its arguments."""
    with heard(notifications.store) as seen:
        yield seen


def school(urn: str = OAK, *, sector: str = "maintained", region: str = "West Midlands") -> SchoolRecorded:
    return SchoolRecorded(
        urn=urn,
        authority=WARWICKSHIRE,
        name=f"School {urn}",
        phase="Primary",
        type_code="01",
        sector=sector,
        state_funded=True,
        open=True,
        region=region,
    )


def outcome(
    urn: str = OAK,
    *,
    number: str = "10296001",
    published_on: date = DAY,
    region: str = "West Midlands",
    authority: str = WARWICKSHIRE,
    before: str | None = "chair",
    after: str | None = "system-leader",
) -> OutcomePublished:
    return OutcomePublished(
        urn=urn,
        school_name=f"School {urn}",
        authority=authority,
        region=region,
        inspection_number=number,
        kind="graded",
        inspection_started_on=published_on,
        published_on=published_on,
        grades=Grades(headline=3),
        public_category_before=2,
        public_category_after=3,
        public_role_before=before,
        public_role_after=after,
    )


def key_of(urn: str = OAK, authority: str = WARWICKSHIRE) -> str:
    return school_key(authority, urn)


@pytest.fixture
async def post(notifications: Notifications, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """The service with a mail server beside it and the school's people in it, on a Monday in term."""
    from services.notifications.settings import settings
    from tests.store.notifications.mail import MailServer, serving
    from tests.store.notifications.post import Post

    async with serving(MailServer()) as server:
        for name, value in {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": server.port,
            "MESSAGE_RETRY_SECONDS": "0,0,0",
            "MESSAGE_SETTLE_SECONDS": 0,
            "TEXT_MAIL_DOMAIN": "texts.example",
            "MAIL_FROM": "Consortia <consortia@council.example>",
            "PAGES_URL": "https://consortia.council.example",
        }.items():
            monkeypatch.setenv(f"CONSORTIA_{name}", str(value))
        settings.cache_clear()
        made = Post(notifications, server, settings())
        await made.today(DAY)
        await made.begins()
        yield made
    settings.cache_clear()
