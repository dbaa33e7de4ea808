"""What three departments have on their side: a webhook receiver each, and a consumer of the department's own topic.

Nothing here belongs to the product. A receiver knows its secret and its address, a consumer its user and its topic; what
they got is what the department knows.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from aiokafka import AIOKafkaConsumer
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

DEPARTMENTS = ("school-improvement", "finance", "governance")
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Message:
    """One event as a department got it."""

    id: str
    type: str
    subject: str
    correlation_id: str
    data: dict[str, Any]

    @property
    def thing(self) -> str:
        """The type without its frame: representation.reassigned."""
        return self.type.removeprefix("consortia.").split(".", 1)[-1].rsplit(".v", 1)[0]


@dataclass
class Receiver:
    """A real HTTP receiver that believes nothing it can't verify, and counts a repeated id once."""

    department: str
    port: int
    secret: str | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    repeated: int = 0
    webhook_ids: dict[str, set[str]] = field(default_factory=dict)  # under which each event came
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _server: uvicorn.Server | None = None
    _serving: "asyncio.Task[None] | None" = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/webhooks/{self.department}"

    async def start(self) -> None:
        app = Starlette(routes=[Route("/webhooks/{department}", self._receive, methods=["POST"])])
        config = uvicorn.Config(app, host=HOST, port=self.port, log_level="error", access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.02)
            if self._serving.done():
                self._serving.result()
                raise RuntimeError(f"the receiver of {self.department} did not start on port {self.port}")

    async def stop(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

    async def _receive(self, request: Request) -> Response:
        try:
            body = await request.body()
        except ClientDisconnect:  # the sender died in the middle; it will send again
            return Response(status_code=400)
        try:
            event = Webhook(self.secret or "").verify(body, dict(request.headers))
        except (WebhookVerificationError, ValueError, RuntimeError) as problem:
            self.refused.append(str(problem))
            return Response(status_code=401)
        self.webhook_ids.setdefault(event["id"], set()).add(request.headers["webhook-id"])
        if event["id"] in self.messages:
            self.repeated += 1
        else:
            self.messages[event["id"]] = Message(
                event["id"],
                event["type"],
                event.get("subject", ""),
                event.get("correlationid", ""),
                event.get("data", {}),
            )
            self.arrived.set()
        return Response(status_code=204)

    def of_story(self, correlation_id: str) -> list[Message]:
        return [message for message in self.messages.values() if message.correlation_id == correlation_id]


async def read_topic(topic: str, client: Mapping[str, Any]) -> list[Message]:
    """Everything in a department's own topic up to now, read as the department's own user from the beginning."""
    # Without a group every partition is this consumer's own, and nothing of its reading is kept.
    consumer = AIOKafkaConsumer(topic, **client, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        await consumer.seek_to_beginning()
        found: list[Message] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [_message(record.headers, record.value) for record in records]
        return found
    finally:
        await consumer.stop()


def _message(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> Message:
    read = {name: content.decode() for name, content in headers}
    return Message(
        read["ce_id"],
        read["ce_type"],
        read["ce_subject"],
        read["ce_correlationid"],
        json.loads(value) if value else {},
    )


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, for receivers of a stack that was given none."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind((HOST, 0))
        return [int(each.getsockname()[1]) for each in held]
    finally:
        for each in held:
            each.close()
