"""A crowd of strangers that takes every connection the database gives, and keeps the services from getting one."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

from infra.local.ports import HOST
from tests.pace import pace

if TYPE_CHECKING:
    from tests.faults.world import World

END = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like $1"
OF_THE_SERVICES = "consortia-%"
AT_ONCE = 8


async def superuser(world: "World", database: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=HOST,
        port=world.stack.postgres.port,
        user="postgres",
        password=world.stack.secrets["postgres"],
        database=database,
    )


class Crowd:
    """``refused``: how often the server had none left (53300)."""

    def __init__(self, world: "World"):
        self.world = world
        self.connections: list[asyncpg.Connection] = []
        self.refused = 0
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """First they take what is free; then each place that a service has to leave."""
        # Before all is taken: others of the harness want the few places that are kept for such as us.
        self._above, self._looking = [await superuser(self.world, "postgres") for _ in range(2)]
        await self._take_what_is_free()
        self._task = asyncio.create_task(self._press())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for connection in (*self.connections, self._above, self._looking):
            connection.terminate()

    async def is_alone(self) -> bool:
        """No service has a connection."""
        found = await self._looking.fetchval(
            "select count(*) from pg_stat_activity where application_name like $1", OF_THE_SERVICES
        )
        return self.refused > 0 and found == 0

    async def _press(self) -> None:
        while True:
            with suppress(asyncpg.PostgresError, OSError):
                await self._above.fetch(END, OF_THE_SERVICES)
                await self._take_what_is_free()
            await pace(0.05)

    async def _take_what_is_free(self) -> None:
        before = self.refused
        while self.refused == before:
            await asyncio.gather(*(self._take_one() for _ in range(AT_ONCE)))

    async def _take_one(self) -> None:
        address = self.world.stack.database_url("funding").replace("+asyncpg", "")
        try:
            self.connections.append(await asyncpg.connect(address, timeout=5))
        except asyncpg.TooManyConnectionsError:
            self.refused += 1
