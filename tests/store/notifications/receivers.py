"""Real HTTP receivers on this machine: good, failing, slow, gone, redirecting, endless."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from standardwebhooks import Webhook

Answer = Callable[["Call"], int]


@dataclass(frozen=True)
class Call:
    """One request as the receiver saw it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Answers every call by `answer`, and keeps what it was sent."""

    answer: Answer = lambda call: 204
    location: str | None = None
    hang: asyncio.Event | None = None  # wait for this before answering
    endless: bool = False
    calls: list[Call] = field(default_factory=list)
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            call = await _read(reader)
            self.calls.append(call)
            if self.hang is not None:
                await self.hang.wait()
            status = self.answer(call)
            head = f"HTTP/1.1 {status} Whatever\r\n"
            if self.location:
                head += f"Location: {self.location}\r\n"
            if self.endless:
                writer.write((head + "Transfer-Encoding: chunked\r\n\r\n").encode())
                while True:
                    writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                    await writer.drain()
            # The answer ends with the connection, so the call is in flight until the sender has read it.
            self.in_flight -= 1
            writer.write((head + "Content-Length: 0\r\nConnection: close\r\n\r\n").encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Call(first.split(" ")[1], headers, await reader.readexactly(int(headers.get("content-length", "0"))))


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        if receiver.hang is not None:
            receiver.hang.set()
        server.close()


def verified(call: Call, secret: str) -> dict[str, object]:
    """The call as a careful receiver takes it: raises unless the signature is right and fresh."""
    found: dict[str, object] = Webhook(secret).verify(call.body, call.headers)
    return found
