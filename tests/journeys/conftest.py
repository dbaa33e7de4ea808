"""The whole product, once a session: four services on the embedded stack, taken on as the demo takes on."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.demo.calendar import meetings
from infra.demo.client import Consortia
from infra.demo.evidence import Office
from infra.demo.receivers import DEPARTMENTS, Message, Receiver, free_ports, read_topic
from infra.demo.registers import BRISTOL, GO_LIVE, WARWICKSHIRE
from infra.demo.replay import Replay
from infra.local.keys import department_user
from infra.local.ports import HOST, SERVICES, free_base
from infra.local.stack import Stack
from shared.auth.tokens import mint

ROLES = ("demo", "la.officer", "la.school-improvement", "la.finance", "la.ops", "clerk")


@dataclass
class Whole:
    """The product as its users and consumers meet it."""

    stack: Stack
    consortia: Consortia
    office: Office
    today: date = GO_LIVE

    async def next_day(self) -> date:
        """Each test lives on days of its own."""
        self.today += timedelta(days=1)
        await self.consortia.set_clock(self.today)
        await self.consortia.drain()
        return self.today

    async def journey(self, correlation_id: str) -> dict[str, Any]:
        await self.consortia.drain()
        found: dict[str, Any] = await self.consortia["notifications"].get(f"/journeys/{correlation_id}")
        return found

    async def in_topic(self, department: str, correlation_id: str, authority: str = WARWICKSHIRE) -> list[Message]:
        """What stands in a department's own topic of one story, read as the department."""
        await self.consortia.drain()
        client = self.stack.kafka_client(department_user(authority, department))
        everything = await read_topic(f"consortia.{authority}.{department}.events.v1", client)
        return [message for message in everything if message.correlation_id == correlation_id]

    async def spans(self, trace_id: str) -> list[dict[str, Any]]:
        """The trace as the dashboard has it now."""
        async with httpx2.AsyncClient() as client:
            answer = await client.get(f"http://{HOST}:{self.stack.ports.zipkin}/zipkin/api/v2/trace/{trace_id}")
        return answer.json() if answer.is_success else []

    async def next_agenda(self, body_id: object) -> dict[str, Any]:
        """The agenda of a body's next meeting, as an officer of school improvement reads it."""
        meetings = await self.consortia["meetings"].get(f"/bodies/{body_id}/meetings")
        later = min((each for each in meetings if each["on"] > self.today.isoformat()), key=lambda each: each["on"])
        found: dict[str, Any] = await self.consortia["meetings"].get(f"/meetings/{later['meeting_id']}/agenda")
        return found


@pytest.fixture(scope="package")
def running() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="consortia journeys "))
    folder.chmod(0o755)
    stack = Stack(
        folder, free_base(), tracing=True, test_clock=True, webhook_allow=[f"{HOST}:{port}" for port in PORTS]
    )
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
        shutil.rmtree(folder, ignore_errors=True)


PORTS = free_ports(len(DEPARTMENTS))


async def begin(replay: Replay) -> None:
    """As the demo begins, but with the meetings of one half-term only: the file of Ofsted brings the earlier outcomes."""
    await replay.consortia.set_clock(GO_LIVE)
    await replay.registers()
    await replay.take_on()
    await replay.consortia.drain()
    await replay.meetings([call for call in meetings() if call.on < date(2023, 12, 1)])
    await replay.consortia.drain()


@pytest.fixture(scope="package")
async def whole(running: Stack) -> AsyncIterator[Whole]:
    token = mint(running.state / "token.key", subject="journeys", roles=ROLES, authorities=[WARWICKSHIRE, BRISTOL])
    consortia = Consortia.at({service: running.url(service) for service in SERVICES}, token)
    receivers = {department: Receiver(department, port) for department, port in zip(DEPARTMENTS, PORTS, strict=True)}
    for receiver in receivers.values():
        await receiver.start()
    await begin(Replay(consortia))
    for department, receiver in receivers.items():
        answer = await consortia["notifications"].post(
            "/subscriptions", {"authority": WARWICKSHIRE, "department": department, "url": receiver.url}
        )
        receiver.secret = answer.body["secret"]
    office = Office(receivers, lambda department: running.kafka_client(department_user(WARWICKSHIRE, department)))
    yield Whole(running, consortia, office)
    await consortia.close()
    for receiver in receivers.values():
        await receiver.stop()
