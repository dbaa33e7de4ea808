"""A TCP proxy that can be cut and mended: what a server that is away, slow or gone without a word is to its clients."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from infra.local.ports import HOST
from tests.pace import pace


class Proxy:
    """Listens on a port of its own and passes everything to another one, until cut."""

    def __init__(self, target: int):
        self.target = target
        self.port = 0
        self.delay = 0.0  # seconds, for each piece in each direction
        self.delayed = 0  # pieces
        self.swallowed = 0  # pieces that came into half-open connections, and such connections that were made
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._forsaken: set[asyncio.StreamWriter] = set()
        self._silent = False

    @property
    def open(self) -> int:
        """How many ends of connections there are, half open ones among them."""
        return len(self._writers)

    async def mend(self) -> None:
        """Pass everything again. What was half open stays so: its clients have to find out by themselves."""
        self._silent, self.delay = False, 0.0
        if self._server is None or not self._server.is_serving():
            self._server = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse new connections and reset those there are."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self._forsaken.clear()

    def forsake(self) -> None:
        """Leave every connection half open, and each that is made until mended: nothing is passed, nothing is closed."""
        self._forsaken |= self._writers
        self._silent = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self._silent:
            self._forsaken.add(writer)
            self.swallowed += 1
            return
        ends = {writer}
        try:
            with contextlib.suppress(OSError):
                to_server = await asyncio.open_connection(HOST, self.target)
                ends.add(to_server[1])
                self._writers.add(to_server[1])
                await asyncio.gather(self._pass(reader, to_server[1]), self._pass(to_server[0], writer))
        finally:
            for end in ends - self._forsaken:
                end.close()
                self._writers.discard(end)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # closed meanwhile; uvloop has no other word for it
            while data := await reader.read(262_144):
                if self.delay:
                    self.delayed += 1
                    await pace(self.delay)
                if writer in self._forsaken:
                    self.swallowed += 1
                    continue
                writer.write(data)
                await writer.drain()
        if writer not in self._forsaken:
            writer.close()


@contextlib.asynccontextmanager
async def proxy(target: int) -> AsyncIterator[Proxy]:
    made = Proxy(target)
    await made.mend()
    try:
        yield made
    finally:
        await made.cut()
