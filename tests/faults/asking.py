"""One HTTP request on a connection of its own: cheap, and nothing of an earlier fault lives on in a pool."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

AWAY = (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError)  # no whole answer came


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_yes(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json.loads(self.body)


async def request(
    method: str, address: str, *, token: str, body: Any = None, key: str = "", seconds: float = 12.0
) -> Answer:
    """Ask, and wait so long for the whole answer. Raises one of `AWAY` when none came."""
    parts = urlsplit(address)
    is_file = isinstance(body, bytes)
    content = body if is_file else b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Authorization: Bearer {token}",
        f"Content-Type: {'text/csv' if is_file else 'application/json'}",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *([f"Idempotency-Key: {key}"] if key else []),
    ]
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            status = int(head[0].split(" ", 2)[1])
            return Answer(status, headers, await reader.readexactly(int(headers["content-length"])))
        except KeyError as problem:
            raise ValueError("an answer without a length") from problem
        finally:
            writer.close()
