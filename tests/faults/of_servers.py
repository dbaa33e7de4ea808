"""What befalls the broker and the database: death, silence, slowness, a full disk, held locks, no room for anybody."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil

from infra.local.ports import HOST, SERVICES
from tests.faults.between import Between
from tests.faults.crowd import END, Crowd, superuser
from tests.faults.history import now
from tests.faults.of_processes import is_another, repeatedly
from tests.faults.scenario import SERVER, Fault
from tests.faults.world import World

DATABASE, BROKER = "postgres", "kafka"


def kill_server(name: str) -> Fault:
    async def inject(world: World) -> None:
        world.kept[f"{name} killed"] = world.pid(name)
        await world.kill_whole(name)

    return Fault("kill -9", name, inject, _is_back(name), within=SERVER, evidence=is_another(name))


def restart(name: str, with_signal: signal.Signals, words: str) -> Fault:
    """An orderly or immediate stop; the supervisor starts it again."""

    async def inject(world: World) -> None:
        pid = world.pid(name)
        await world.kill(name, with_signal)
        await world.until(lambda: world.pid(name) not in (None, pid), 40, f"{name} was not started again")
        world.saw(name, f"process {pid} ended and was started again")

    return Fault(words, name, inject, _is_back(name), within=SERVER)


def _is_back(name: str):  # type: ignore[no-untyped-def]
    async def heal(world: World) -> None:
        server = world.stack.postgres if name == DATABASE else world.stack.kafka
        await asyncio.to_thread(server.wait_until_ready)

    return heal


def unreachable(name: str) -> Fault:
    """Connections are reset, and new ones refused."""

    async def inject(world: World) -> None:
        proxy = _before(world, name)
        reset = await proxy.cut()
        try:
            (await asyncio.open_connection(HOST, proxy.port))[1].close()
        except OSError as refused:
            world.saw(name, f"{reset} ends of connections reset, a new one refused ({type(refused).__name__})")

    return Fault("unreachable", name, inject, _mend(name), within=SERVER, refuses_nothing=name == BROKER)


def half_open(name: str) -> Fault:
    """Connections stand and nothing comes through; those stay dead for ever, only new ones work after healing."""

    async def inject(world: World) -> None:
        proxy = _before(world, name)
        world.kept[f"{name} half open"] = await proxy.forsake(), proxy.swallowed

    async def heal(world: World) -> None:
        """Whoever said something into such a connection, or made a new one, waits for an answer that never comes."""
        proxy = _before(world, name)
        half_open, before = world.kept.pop(f"{name} half open", (0, 0))
        await proxy.mend()
        if half_open and proxy.swallowed > before:
            gone = proxy.swallowed - before
            world.saw(name, f"{half_open} ends of connections half open, {gone} times somebody spoke into one")

    return Fault("half-open connections", name, inject, heal, within=SERVER)


def slow(name: str, seconds: float) -> Fault:
    async def inject(world: World) -> None:
        await _before(world, name).slow_down(seconds)

    async def heal(world: World) -> None:
        proxy = _before(world, name)
        before = proxy.delayed
        await proxy.mend()
        if proxy.delayed > before:
            world.saw(name, f"{proxy.delayed - before} pieces passed late")

    return Fault(f"{seconds * 1000:.0f} ms late", name, inject, heal, within=SERVER)


def _before(world: World, name: str) -> Between:
    return world.database if name == DATABASE else world.broker


def _mend(name: str):  # type: ignore[no-untyped-def]
    async def heal(world: World) -> None:
        await _before(world, name).mend()

    return heal


def disk_full(name: str) -> Fault:
    def log(world: World) -> Path:
        return world.stack.logs()[name]

    def complaints(world: World) -> int:
        with log(world).open("rb") as file:
            file.seek(world.kept[f"{name} log"])
            return file.read().count(b"No space left on device")

    async def inject(world: World) -> None:
        world.kept[f"{name} log"] = log(world).stat().st_size
        await asyncio.to_thread(world.disks[name].fill)
        if name == DATABASE:
            await _ask_for_room(world)

    async def heal(world: World) -> None:
        """A page that is given back meanwhile makes it no less full; whether it was is the server's own word."""
        try:
            await world.until(lambda: complaints(world) > 0, 10, f"{name} never said that its disk was full")
            world.saw(name, f"nothing could be written, as the server said {complaints(world)} times")
        finally:
            world.kept.pop(f"{name} log")
            world.disks[name].free()
        await _is_back(name)(world)

    return Fault("disk full", name, inject, heal, within=SERVER, cannot=lambda world: world.no_disks)


async def _ask_for_room(world: World) -> None:
    """Somebody wants a large table: what the services write may still fit into pages and segments that are there."""
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        asking = await superuser(world, "postgres")
        try:
            await asking.execute("create temporary table large as select generate_series(1, 1000000)", timeout=5)
        finally:
            asking.terminate()


def backends_killed(times: int) -> Fault:
    """Each second every connection of one service after the other is ended by the server."""
    turn = iter(range(10_000))

    async def act(world: World) -> None:
        service = SERVICES[next(turn) % len(SERVICES)]
        above = await superuser(world, "postgres")
        try:
            ended = await above.fetch(END, f"consortia-{service}")
        finally:
            await above.close()
        if ended:
            world.saw(DATABASE, f"{len(ended)} of {service}")

    return repeatedly("backends killed each second", 1.0, times, act, DATABASE)


EVERYBODY, REGISTER = (
    "true",
    "urn < '900000'",
)  # the schools of the register are not those that files of the run make up
LUNCH = "select 1 from membership.representation where urn::bigint % 2 = 0 and {which} order by urn for update"
WAITING = "select count(*) as n from pg_stat_activity where datname = 'membership' and wait_event_type = 'Lock'"


def held_transaction(which: str = EVERYBODY) -> Fault:
    """Somebody has locked half of the schools, and somebody looked at all outcomes; both have gone to lunch."""

    async def inject(world: World) -> None:
        locks, snapshot = world.kept["lunch"] = [await superuser(world, "membership") for _ in range(2)]
        await locks.execute("begin")
        await locks.execute(LUNCH.format(which=which))
        await snapshot.execute("begin isolation level repeatable read")
        await snapshot.execute("select count(*) from membership.outcome")

    async def heal(world: World) -> None:
        locks, _ = lunch = world.kept.pop("lunch")

        async def somebody_waits() -> bool:
            return bool(
                (await world.sql("membership", WAITING))[0]["n"]
            )  # a transaction would see its first look again

        try:
            await world.until(somebody_waits, 5, "nobody waited for what was locked")
            held = await locks.fetchval("select extract(epoch from clock_timestamp() - now())::float")
            world.saw(DATABASE, f"somebody waited for what had been locked for {held:.0f} s")
        finally:
            for connection in lunch:
                connection.terminate()

    words = "transaction held open over locks" + (" for minutes" if which == REGISTER else "")
    return Fault(words, DATABASE, inject, heal, within=SERVER)


def no_connections_left() -> Fault:
    """Strangers hold every connection that the server gives, and whoever of the services gets one loses it again."""

    async def inject(world: World) -> None:
        crowd = world.kept["crowd"] = Crowd(world)
        await crowd.begin()
        await world.until(crowd.is_alone, 10, "the services kept connections")

    async def heal(world: World) -> None:
        crowd: Crowd = world.kept.pop("crowd")
        try:
            await world.until(crowd.is_alone, 5, "the services had connections to the end")
            strangers = f"{len(crowd.connections)} strangers, {crowd.refused} refused (53300)"
            world.saw(DATABASE, f"{strangers}, none of the services in")
        finally:
            await crowd.end()

    return Fault("no connection left", DATABASE, inject, heal, within=SERVER)


def stopped_server(name: str) -> Fault:
    """The server's processes stand still, connections open. That they did is not enough: somebody must have felt it."""

    async def inject(world: World) -> None:
        pid = world.pid(name)
        assert pid is not None, f"{name} does not run, so it cannot stand still"
        first = psutil.Process(pid)
        world.kept[f"{name} stopped"] = now()
        first.suspend()  # so that it has no more children
        still = world.kept[f"{name} still"] = [first, *first.children(recursive=True)]
        for each in still[1:]:
            with suppress(psutil.NoSuchProcess):
                each.suspend()

    async def heal(world: World) -> None:
        still: list[psutil.Process] = world.kept.pop(f"{name} still")
        try:
            felt = await who_felt_it(world, name, world.kept.pop(f"{name} stopped"))
        finally:
            stood, ran = _go_on(still)
        if stood and not ran and felt:
            world.saw(name, f"{stood} of its processes stood still to the end {felt}")

    return Fault("SIGSTOP", name, inject, heal, within=SERVER)


def _go_on(still: list[psutil.Process]) -> tuple[int, int]:
    """How many stood still to the end, and how many ran.

    Who was ending, and waits for its stopped parent to see it, or waits for the disk, does neither.
    """
    stood, ran = 0, 0
    for each in reversed(still):
        with suppress(psutil.NoSuchProcess):
            status = each.status()
            stood += status == psutil.STATUS_STOPPED
            ran += status not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DISK_SLEEP)
            each.resume()
    return stood, ran


LATE = 2.0  # seconds without an answer, or on the way to the broker, that are none of an ordinary moment
UNSENT = """
    select count(*) as n from outbox
    where recorded_at between clock_timestamp() - make_interval(secs => $1) and clock_timestamp() - make_interval(secs => $2)
"""


async def who_felt_it(world: World, name: str, since: float) -> str:
    """Of what came since: records that wait for the broker, or else requests that have had no answer; empty if none."""
    if name == BROKER and (unsent := await _unsent(world, now() - since)):
        return f"and {unsent} records waited to be sent"
    until = now() - LATE
    begun = [each for each in world.officers.steady.requests if since <= each.began <= until]
    waiting = sum(each.answered > now() for each in begun)
    return f"and {waiting} of {len(begun)} requests had no answer" if waiting else ""


async def _unsent(world: World, seconds: float) -> int:
    """None where the database is away as well: then requests wait."""

    async def of(service: str) -> int:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with asyncio.timeout(1.0):
                (row,) = await world.sql(service, UNSENT, seconds, LATE)
                return int(row["n"])
        return 0

    return sum(await asyncio.gather(*map(of, SERVICES)))
