"""A TCP proxy that can be cut and mended: what a server that is away looks like to its clients."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from infra.local.ports import HOST


class Proxy:
    """Listens on a port of its own and passes everything to another one, until cut."""

    def __init__(self, target: int):
        self.target = target
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse new connections and reset those there are."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            to_server = await asyncio.open_connection(HOST, self.target)
            self._writers |= {writer, to_server[1]}
            await asyncio.gather(_pass(reader, to_server[1]), _pass(to_server[0], writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def proxy(target: int) -> AsyncIterator[Proxy]:
    made = Proxy(target)
    await made.mend()
    try:
        yield made
    finally:
        await made.cut()
