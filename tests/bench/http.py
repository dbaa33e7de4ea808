"""A client that costs little: HTTP/1.1 over kept connections, no more than the bench needs."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

IDLE = 2.0  # seconds; the server closes a connection that was not used for five


class Client:
    """Requests one at a time on one connection. Several clients make a load."""

    def __init__(self, url: str, token: str = ""):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._used = 0.0

    async def get(self, path: str) -> tuple[int, Any]:
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self.head}\r\n".encode())

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self.head}Content-Type: application/json\r\n"
            f"Idempotency-Key: {uuid4().hex}\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        return await self._ask(head.encode() + data)

    async def _ask(self, request: bytes) -> tuple[int, Any]:
        if self._writer is not None and time.monotonic() - self._used > IDLE:
            await self.close()
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        status, length = int(head.split(" ", 2)[1]), 0
        for line in head.split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        body = await self._reader.readexactly(length)
        self._used = time.monotonic()
        return status, json.loads(body) if body else None

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()
            self._reader = self._writer = None
