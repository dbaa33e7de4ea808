"""A small authority on all four services, without a broker: what one records is read by the others' own inboxes.

Everybody and every school in it is invented. Two worlds made by `begin` are alike; a fact planted in one of them must
change nothing in any answer to those who may not know it (R0.8).
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote
from uuid import UUID, uuid5

from fastapi import FastAPI
from starlette.types import Message

from services.funding.inbound import INBOUND as FUNDING
from services.funding.use_cases.turn_year import turn_year_for_all
from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP, HEADS
from services.meetings.inbound import INBOUND as MEETINGS
from services.meetings.store import queries as meetings_of
from services.meetings.use_cases.schedule_meeting import schedule_meeting
from services.membership.domain.appointment import Headship, TrustContact
from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Outcome
from services.membership.domain.office import Term
from services.membership.registers.lines import Line, Problem
from services.membership.store import imports
from services.membership.store.authorities import Desk
from services.membership.store.people import Person
from services.membership.use_cases.failed_days import turn_all_days
from services.membership.use_cases.import_files import apply_next_chunk
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.take_on import TakenOn, take_on
from services.notifications.channels import Answer as Took
from services.notifications.channels import Post
from services.notifications.domain.message import EMAIL, TEXT
from services.notifications.inbound import INBOUND as NOTIFICATIONS
from services.notifications.messenger import Messenger
from services.notifications.settings import settings
from services.notifications.use_cases.subscribe import subscribe
from shared.auth.tokens import Verifier, mint
from shared.contracts.envelope import unpack
from shared.contracts.services import routers_of
from shared.messaging.cause import new_id
from shared.messaging.inbox import Inbox
from shared.messaging.records import Record
from shared.store import Store, UnitOfWork
from shared.web.application import application
from tests.store.membership.conftest import line

T = TypeVar("T")
READERS = {"meetings": MEETINGS, "funding": FUNDING, "notifications": NOTIFICATIONS}
AT_ONCE = 8  # questions; as many connections, since what a store has beyond its pool is opened for one of them
DEPARTMENTS = ("school-improvement", "finance", "governance")
GO_LIVE, PUBLISHED, TODAY = date(2024, 9, 2), date(2025, 1, 13), date(2025, 1, 17)
LEAVES = date(2025, 1, 20)  # the first day on which one of the two heads of X heads it no longer
_HERE = UUID("2b4a5e6e-61a4-4d0c-a1f4-8f2f0d9be001")

X, Y, ACADEMY, NORTH = "900001", "900002", "900011", "900021"  # X is the school of which something may not be known
GONE = "900019"  # a school that the register has no more
CITY = "900031"  # an academy of Bristol, for which its trust speaks whatever its category
PEOPLE = (
    "head x", "other head x", "head y", "head academy", "head north", "leader", "officer", "chief", "chief in the city",
)  # fmt: skip


def someone(name: str) -> UUID:
    return UUID(bytes=uuid5(_HERE, name).bytes, version=4)


def thing(name: str) -> UUID:
    return uuid5(_HERE, name)


ABBEY, PRIORY, MOOR = thing("Abbey"), thing("Priory"), thing("Moor")
GROUP, NORTH_GROUP = thing("Central Area Analysis Group"), thing("North Area Analysis Group")
BODIES = (ABBEY, PRIORY, MOOR, GROUP, NORTH_GROUP)


@dataclass
class Answer:
    """What an application gave to one question."""

    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()

    async def asks(self) -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def takes(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status_code = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")


@dataclass
class World:
    stores: dict[str, Store]
    private_key: Path
    verifier: Verifier
    read_up_to: dict[str, int] = field(default_factory=dict)
    meetings: list[UUID] = field(default_factory=list)
    imports: list[UUID] = field(default_factory=list)
    stories: list[UUID] = field(default_factory=list)  # of what was planted
    call: UUID = field(default_factory=new_id)  # the inspection call that was planted, if one was
    _tokens: dict[str, str] = field(default_factory=dict)

    def last_stories(self) -> list[UUID]:
        """Of what was planted last; of nothing in a world where less was."""
        return [*self.stories[-3:], *(new_id() for _ in range(3))][:3]

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]], service: str = "membership") -> T:
        return await self.stores[service].run(work)

    async def it_is(self, day: date) -> None:
        for service in self.stores:
            await self.do(lambda uow: uow.execute(
                "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", day
            ), service)  # fmt: skip
        await turn_all_days(self.stores["membership"])
        await self.everybody_hears()
        await turn_year_for_all(self.stores["funding"])
        await self.everybody_hears()

    async def everybody_hears(self) -> None:
        """Every service reads what the others, and notifications itself, have recorded, and people are written to, until
        there is no more."""
        while any([await self._hears_of(service) for service in self.stores]) or await self._people_are_written_to():
            pass

    async def _people_are_written_to(self) -> bool:
        """The mail server takes whatever may go on this day; what waited for that goes on."""
        ways = {EMAIL: _is_taken, TEXT: _is_taken}
        messenger, worked = Messenger(self.stores["notifications"], ways, settings()), False
        while await messenger.look():
            await messenger.settle()
            worked = True
        return worked

    async def _hears_of(self, producer: str) -> bool:
        async with self.stores[producer].unit() as uow:
            rows = await uow.rows(
                "select id, topic, key, headers, value from outbox where id > $1 order by id limit 200",
                self.read_up_to.get(producer, 0),
            )
        if not rows:
            return False
        self.read_up_to[producer] = rows[-1].id
        records = [Record(row.topic, 0, row.id, row.key, row.value, unpack(row.headers)) for row in rows]
        for service, inbound in READERS.items():
            mine = [record for record in records if record.topic in inbound.topics()]
            if mine:
                await self.do(lambda uow, mine=mine, inbound=inbound, service=service:  # type: ignore[misc]
                              Inbox(inbound, service).take(mine, uow), service)  # fmt: skip
        return True

    async def ask(self, service: str, path: str, who: dict[str, Any]) -> Answer:
        """Straight into the application: a client would take as long again for each of thousands of questions."""
        app = application_of(service)
        app.state.store, app.state.verifier = self.stores[service], self.verifier
        name = repr(who)
        if name not in self._tokens:
            self._tokens[name] = mint(
                self.private_key, **{"subject": "somebody", "roles": [], "authorities": ["937"], **who}
            )
        address, _, query = path.partition("?")
        answer = Answer()
        await app(
            {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": "GET",
                "scheme": "http",
                "path": unquote(address),
                "raw_path": address.encode(),
                "query_string": query.encode(),
                "root_path": "",
                "headers": [(b"host", service.encode()), (b"authorization", f"Bearer {self._tokens[name]}".encode())],
                "server": (service, 80),
                "client": ("test", 1),
            },
            answer.asks,
            answer.takes,
        )
        return answer

    async def close(self) -> None:
        for store in self.stores.values():
            await store.close()


async def _is_taken(post: Post) -> Took:
    return Took(datetime.now(UTC), 1, 250)


@cache
def application_of(service: str) -> FastAPI:
    """Built once for every world: building one takes longer than asking it everything."""
    return application(service, routers_of(service), store=None, verifier=None, inbound=READERS.get(service))


async def begin(world: World) -> None:
    """Two areas, three bodies with chairs, a group in each area; outcomes published, awards opened, meetings called."""
    await world.it_is(GO_LIVE)
    lines = [line(X), line(Y), line(ACADEMY, type_code="34", trust_id="7001", trust_name="Larch Trust")]
    lines.append(line(NORTH, postcode_district="B46"))
    lines.append(line(CITY, authority="801", type_code="34", trust_id="8001", trust_name="Alder Trust"))
    await world.do(lambda uow: keep_schools(uow, lines))
    await world.do(lambda uow: take_on(uow, _taken_on()))
    await world.do(lambda uow: take_on(uow, _taken_on_in_the_city()))
    await world.it_is(PUBLISHED)
    for urn, headline in ((X, 2), (Y, 3), (NORTH, 2)):
        await world.do(lambda uow, urn=urn, headline=headline: publish(uow, urn, headline))  # type: ignore[misc]
    for department in DEPARTMENTS:
        await world.do(lambda uow, department=department: subscribe(  # type: ignore[misc]
            uow, authority="937", department=department, url=f"https://{department}.example.org/events", who="officer",
            allowed=frozenset(),
        ), "notifications")  # fmt: skip
    await world.everybody_hears()
    for body_id, kind in ((GROUP, AREA_ANALYSIS_GROUP), (NORTH_GROUP, AREA_ANALYSIS_GROUP), (ABBEY, HEADS)):
        meeting = await world.do(lambda uow, body_id=body_id, kind=kind: _call(uow, body_id, kind), "meetings")  # type: ignore[misc]
        world.meetings.append(meeting)
    await world.everybody_hears()
    await world.it_is(TODAY)


def _taken_on() -> TakenOn:
    heads = (("head x", X), ("head y", Y), ("head academy", ACADEMY), ("head north", NORTH))
    chairs = ((ABBEY, "head y"), (PRIORY, "head academy"), (MOOR, "head north"))
    return TakenOn(
        authority="937",
        authority_name="Warwickshire",
        region="West Midlands",
        routing_policy="warwickshire",
        districts=[("CV31", "Central"), ("B46", "North")],
        desks=[Desk("duty-desk", "duty@example.org", "01632 960001", someone("officer"))],
        people=[_person(name) for name in PEOPLE if name != "chief in the city"],
        bodies=[
            _body(ABBEY, "primary-consortium", "Abbey", "Central", 500_000),
            _body(PRIORY, "primary-consortium", "Priory", "Central", 500_000),
            _body(MOOR, "primary-consortium", "Moor", "North", 500_000),
            _body(GROUP, AREA_ANALYSIS_GROUP, "Central Area Analysis Group", "Central"),
            _body(NORTH_GROUP, AREA_ANALYSIS_GROUP, "North Area Analysis Group", "North"),
        ],
        headships=[
            *(Headship(someone(name), urn, date(2018, 9, 1), None) for name, urn in heads),
            Headship(someone("other head x"), X, date(2018, 9, 1), LEAVES),
        ],
        terms=[Term(new_id(), new_id(), body, "chair", someone(name), GO_LIVE, None, "taken-on") for body, name in chairs],
        memberships=[Membership(body, urn, GO_LIVE, None, True)
                     for body, urn in ((ABBEY, X), (ABBEY, Y), (PRIORY, ACADEMY), (MOOR, NORTH))],
        trust_contacts=[TrustContact("7001", "chief-executive", someone("chief"), GO_LIVE, None)],
    )  # fmt: skip


def _taken_on_in_the_city() -> TakenOn:
    return TakenOn(
        authority="801",
        authority_name="Bristol",
        region="South West",
        routing_policy="bristol",
        people=[_person("chief in the city", "801")],
        trust_contacts=[TrustContact("8001", "chief-executive", someone("chief in the city"), GO_LIVE, None)],
    )


def _person(name: str, authority: str = "937") -> Person:
    return Person(someone(name), authority, f"Invented {name}", f"{thing(name)}@example.org", None)


def _body(body_id: UUID, kind: str, name: str, area: str, award: int | None = None) -> Body:
    return Body(body_id, "937", kind, name, [area], GO_LIVE, None, award, "04-01", new_id(), new_id(), new_id())


async def publish(uow: UnitOfWork, urn: str, headline: int, day: date = PUBLISHED) -> None:
    await _record(uow, f"N{urn}{headline}", urn, headline, day)


async def move_inspection(uow: UnitOfWork, number: str, urn: str, headline: int, day: date = PUBLISHED) -> None:
    """An inspection that was recorded for another school is this one's."""
    await _record(uow, number, urn, headline, day)


async def link(uow: UnitOfWork, urn: str, before: str, headline: int) -> None:
    """A file lists for a school what was published of one that it continues, and that nobody knew to be behind it."""
    await _record(uow, f"N{before}{headline}", before, headline, PUBLISHED, listed_for=urn)


async def _record(
    uow: UnitOfWork, number: str, urn: str, headline: int, day: date, listed_for: str | None = None
) -> None:
    outcome = Outcome(
        urn=urn,
        inspection_number=number,
        kind="graded",
        inspection_started_on=date(2025, 1, 6),
        published_on=day,
        recorded_at=uow.now,
        headline=headline,
    )
    await record_outcomes(uow, [Published(listed_for or urn, outcome)], take_on=False, source="test")


async def import_inspection(world: World, urn: str, headline: int, day: date, *, dry_run: bool) -> None:
    """A file of the inspectorate with one line, at which somebody should look, applied to its end."""
    import_id, name = new_id(), f"ofsted-{day}.csv"
    outcome = {
        "urn": urn,
        "inspection_number": f"N{urn}{headline}",
        "kind": "graded",
        "inspection_started_on": "2025-01-06",
        "published_on": day.isoformat(),
        "headline": headline,
    }
    school = {"urn": urn, "authority": "937", "name": f"School {urn}", "phase": "Primary", "postcode_district": "CV31"}
    doubt = Problem(2, "School name", f"School {urn}", f"Look at {urn} again", taken=True, authority="937")

    async def send(uow: UnitOfWork) -> None:
        await imports.begin(
            uow, import_id, kind="ofsted", name=name, layout="test", notes=[], sha256=name, as_at=day,
            dry_run=dry_run, requested_by="officer",
        )  # fmt: skip
        await imports.stage(uow, import_id, [Line(2, {**school, "report_link": None, "outcomes": [outcome]})])
        await imports.accept(uow, import_id, lines=1, warnings=[doubt])

    await world.do(send)
    while await world.do(apply_next_chunk):
        pass
    world.imports.append(import_id)


async def _call(uow: UnitOfWork, body_id: UUID, kind: str) -> UUID:
    body = await meetings_of.body(uow, body_id)
    return (await schedule_meeting(uow, body, kind, date(2025, 2, 10))).meeting_id


_KNOWN = {str(someone(name)) for name in PEOPLE} | {str(body) for body in BODIES}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# An instant of the machine's own clock: the test clock stands at noon of its day.
_INSTANT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00)")


def comparable(text: str) -> str:
    """An answer without the ids that a world made for itself, and without instants of the machine's clock."""
    return _INSTANT.sub("<now>", _ID.sub(lambda found: found.group() if found.group() in _KNOWN else "*", text))
