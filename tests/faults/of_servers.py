"""What befalls the broker and the database: death, silence, slowness, a full disk, held locks, no room for anybody."""

import asyncio
import os
import signal
from contextlib import suppress

import asyncpg

from infra.local.ports import HOST, SERVICES
from tests.faults.of_processes import repeatedly
from tests.faults.scenario import SERVER, Fault
from tests.faults.world import World
from tests.pace import pace

DATABASE, BROKER = "postgres", "kafka"


def kill_server(name: str) -> Fault:
    async def inject(world: World) -> None:
        await world.kill_whole(name)

    return Fault("kill -9", name, inject, _is_back(name), within=SERVER)


def restart(name: str, with_signal: signal.Signals, words: str) -> Fault:
    """An orderly or immediate stop; the supervisor starts it again."""

    async def inject(world: World) -> None:
        pid = world.pid(name)
        await world.kill(name, with_signal)
        await world.until(lambda: world.pid(name) not in (None, pid), 40, f"{name} was not started again")

    return Fault(words, name, inject, _is_back(name), within=SERVER)


def _is_back(name: str):  # type: ignore[no-untyped-def]
    async def heal(world: World) -> None:
        server = world.stack.postgres if name == DATABASE else world.stack.kafka
        await asyncio.to_thread(server.wait_until_ready)

    return heal


def unreachable(name: str) -> Fault:
    """Connections are reset, and new ones refused."""

    async def inject(world: World) -> None:
        await (world.database if name == DATABASE else world.broker).cut()

    return Fault("unreachable", name, inject, _mend(name), within=SERVER, refuses_nothing=name == BROKER)


def half_open(name: str) -> Fault:
    """Connections stand and nothing comes through; those stay dead for ever, only new ones work after healing."""

    async def inject(world: World) -> None:
        await (world.database if name == DATABASE else world.broker).forsake()

    return Fault("half-open connections", name, inject, _mend(name), within=SERVER)


def slow(name: str, seconds: float) -> Fault:
    async def inject(world: World) -> None:
        await (world.database if name == DATABASE else world.broker).slow_down(seconds)

    return Fault(f"{seconds * 1000:.0f} ms late", name, inject, _mend(name), within=SERVER)


def _mend(name: str):  # type: ignore[no-untyped-def]
    async def heal(world: World) -> None:
        await (world.database if name == DATABASE else world.broker).mend()

    return heal


def disk_full(name: str) -> Fault:
    async def inject(world: World) -> None:
        await asyncio.to_thread(world.disks[name].fill)

    async def heal(world: World) -> None:
        world.disks[name].free()
        await _is_back(name)(world)

    return Fault("disk full", name, inject, heal, within=SERVER, cannot=lambda world: world.no_disks)


def backends_killed(times: int) -> Fault:
    """Each second every connection of one service after the other is ended by the server."""
    turn = iter(range(10_000))

    async def act(world: World) -> None:
        service = SERVICES[next(turn) % len(SERVICES)]
        statement = (
            "select pg_terminate_backend(pid) from pg_stat_activity "
            f"where datname = '{service}' and application_name = 'consortia-{service}'"
        )
        await asyncio.to_thread(world.stack.postgres.run, statement)

    return repeatedly("backends killed each second", 1.0, times, act, DATABASE)


async def _superuser(world: World, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=HOST,
        port=world.stack.postgres.port,
        user="postgres",
        password=world.stack.secrets["postgres"],
        database=database,
    )


LUNCH = "select 1 from membership.representation where urn::bigint % 2 = 0 order by urn for update"


def held_transaction() -> Fault:
    """Somebody has locked half of the schools, and somebody looked at all outcomes; both have gone to lunch."""

    async def inject(world: World) -> None:
        locks, snapshot = world.kept["lunch"] = [await _superuser(world, "membership") for _ in range(2)]
        await locks.execute("begin")
        await locks.execute(LUNCH)
        await snapshot.execute("begin isolation level repeatable read")
        await snapshot.execute("select count(*) from membership.outcome")

    async def heal(world: World) -> None:
        for connection in world.kept.pop("lunch"):
            connection.terminate()

    return Fault("transaction held open over locks", DATABASE, inject, heal, within=SERVER)


def no_connections_left() -> Fault:
    """Strangers hold every connection that the server gives; those of the services are ended once, so all must get new."""

    async def inject(world: World) -> None:
        crowd = world.kept["crowd"] = []
        for service in SERVICES:
            await asyncio.to_thread(
                world.stack.postgres.run,
                f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{service}'",
            )
        address = world.stack.database_url("funding").replace("+asyncpg", "")
        with suppress(asyncpg.PostgresError, OSError):
            while len(crowd) < 300:
                crowd.append(await asyncpg.connect(address, timeout=5))

    async def heal(world: World) -> None:
        for connection in world.kept.pop("crowd"):
            connection.terminate()

    return Fault("no connection left", DATABASE, inject, heal, within=SERVER)


def stopped_server(name: str) -> Fault:
    """The server's process stands still, connections open."""

    async def inject(world: World) -> None:
        pid = world.kept[f"{name} still"] = world.pid(name)
        assert pid is not None, f"{name} does not run, so it cannot stand still"
        os.kill(pid, signal.SIGSTOP)

    async def heal(world: World) -> None:
        pid = world.kept.pop(f"{name} still")
        if pid is not None and pid == world.pid(name):
            os.kill(pid, signal.SIGCONT)

    return Fault("SIGSTOP", name, inject, heal, within=SERVER)


async def wait(seconds: float) -> None:
    await pace(seconds)
