"""Messages of a small place: a school with its head, a chair, a system leader, and the worker that writes to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.notifications.channels import Channel
from services.notifications.channels import MailServer as ByMail
from services.notifications.messenger import Messenger
from services.notifications.settings import NotificationsSettings
from shared.contracts.envelope import person_key, school_key
from shared.contracts.membership import (
    HeadshipBegan,
    InspectionCallAsked,
    PersonRecorded,
    RepresentationReassigned,
    SchoolTold,
    Speaker,
)
from shared.contracts.registry import Sensitivity
from shared.messaging.cause import new_id
from shared.messaging.lease import Lease
from shared.messaging.records import Record
from tests.store.notifications.conftest import DAY, OAK, WARWICKSHIRE, Notifications, key_of, school
from tests.store.notifications.mail import MailServer

HEAD, CHAIR, LEADER = (uuid4() for _ in range(3))
NAMES = {HEAD: "head", CHAIR: "chair", LEADER: "leader"}
ADDRESSES = {person: f"{name}@school.example" for person, name in NAMES.items()}


@dataclass
class Post:
    """The service, its mail server and its worker."""

    notifications: Notifications
    server: MailServer
    settings: NotificationsSettings

    async def today(self, day: date) -> None:
        await self.notifications.rows(
            "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", day
        )

    def person(self, person_id: UUID, email: str | None = None, telephone: str | None = "+44 1926 000000") -> Record:
        name = NAMES.get(person_id, "somebody")
        return self.notifications.record_of(
            PersonRecorded(
                person_id=person_id,
                name=f"Invented {name}",
                email=ADDRESSES.get(person_id, "x@school.example") if email is None else email,
                telephone=telephone,
            ),
            person_key(WARWICKSHIRE, person_id),
        )

    async def begins(self) -> None:
        """The school, its head, and two who may speak for it."""
        heads = HeadshipBegan(urn=OAK, person_id=HEAD, from_date=date(2020, 9, 1))
        await self.notifications.reads(
            self.notifications.record_of(school(), key_of()),
            self.notifications.record_of(heads, key_of()),
            *(self.person(each) for each in NAMES),
        )

    def reassigned(
        self,
        urn: str = OAK,
        *,
        before: UUID | None = CHAIR,
        after: UUID | None = LEADER,
        story: UUID | None = None,
        told: bool = True,
    ) -> Record:
        """Another speaks on both matters; of the class that says whether the school had to be told first."""
        return self.changed(change(urn, before, after), story=story, told=told)

    def changed(self, data: RepresentationReassigned, *, story: UUID | None = None, told: bool = True) -> Record:
        return self.notifications.record_of(
            data,
            school_key(WARWICKSHIRE, data.urn),
            story=story or new_id(),
            told=told,
            sensitivity=Sensitivity.INTERNAL if told else Sensitivity.RESTRICTED,
        )

    def asked(self, person: UUID | None = LEADER, role: str = "system-leader") -> Record:
        """Somebody, or a desk, is asked to talk to the inspectors."""
        last = role == "duty-desk"
        data = InspectionCallAsked(
            call_id=UUID(int=9),
            urn=OAK,
            person_id=person,
            role=role,
            asked_at=datetime.fromisoformat("2024-03-10T10:10:00+00:00"),
            answer_by=None if last else datetime.fromisoformat("2024-03-10T10:40:00+00:00"),
            place_in_line=1,
        )
        return self.notifications.record_of(data, key_of(), sensitivity=Sensitivity.RESTRICTED)

    def school_told(self, *stories: UUID, urn: str = OAK) -> Record:
        told = SchoolTold(urn=urn, told_on=DAY, releases=list(stories))
        return self.notifications.record_of(told, school_key(WARWICKSHIRE, urn))

    def messenger(self, channels: dict[str, Channel] | None = None, **changes: Any) -> Messenger:
        told = self.settings.model_copy(update=changes)
        send = ByMail(told).send
        return Messenger(self.notifications.store, channels or {"email": send, "text": send}, told)

    async def delivers(self, messenger: Messenger | None = None) -> list[str]:
        """Everything that may go now has gone, and every stage that may open is open; who was written to."""
        before = len(self.server.mails)
        messenger = messenger or self.messenger()
        for _ in range(50):
            if not await messenger.look():
                break
            await messenger.settle()
        return self.server.receivers[before:]

    @asynccontextmanager
    async def working(self, **changes: Any) -> AsyncIterator[Messenger]:
        """The worker as the service runs it."""
        stopping = asyncio.Event()
        messenger = self.messenger(**changes)
        lease = Lease(self.notifications.store, "messages")
        task = asyncio.create_task(messenger.run(lease, stopping, calm=0.05))
        try:
            yield messenger
        finally:
            stopping.set()
            await task

    async def messages(self, *columns: str) -> list[tuple[Any, ...]]:
        rows = await self.notifications.rows(f"select {', '.join(columns)} from message order by position")
        return [tuple(row) for row in rows]

    async def openings(self, story: UUID) -> list[tuple[int, str]]:
        rows = await self.notifications.rows(
            "select stage, why from stage_opened where correlation_id = $1 order by id", story
        )
        return [tuple(row) for row in rows]


Change = tuple[Speaker | None, Speaker]  # who spoke on a matter, and who does


def change(urn: str, before: UUID | None, after: UUID | None) -> RepresentationReassigned:
    was = Speaker(role="chair", person_id=before, rule="chair")
    becomes = Speaker(role="system-leader", person_id=after, rule="maintained-3-4")
    return of_speakers(urn, (was, becomes), (was, becomes))


def of_speakers(
    urn: str,
    general: Change,
    inspection: Change,
    *,
    kind: type[RepresentationReassigned] = RepresentationReassigned,
    cause: str = "category-in-force",
) -> RepresentationReassigned:
    return kind(
        urn=urn,
        general_before=general[0],
        general_after=general[1],
        inspection_before=inspection[0],
        inspection_after=inspection[1],
        valid_from=DAY,
        policy="warwickshire",
        policy_version=1,
        category=3,
        cause=cause,
    )


A_WEEK = timedelta(days=7)
