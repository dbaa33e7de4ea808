"""Processes that die, stand still, or see another time than the rest of the world."""

import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.faults.scenario import SERVER, Fault
from tests.faults.world import World
from tests.pace import pace

# Every named place in the code, and the process in which the load comes by it. The short run has each place once, the
# last of the list.
CRASHES: tuple[tuple[str, str], ...] = (
    ("unit.before_commit", "funding"),
    ("unit.after_commit", "meetings"),
    ("inbox.after_commit", "meetings"),
    ("relay.after_send", "notifications"),
    ("unit.before_commit", "membership"),
    ("unit.after_commit", "membership"),
    ("inbox.after_commit", "notifications"),
    ("relay.before_send", "membership"),
    ("relay.after_send", "membership"),
    ("import.staged", "membership"),
    ("import.accepted", "membership"),
    ("import.chunk_applied", "membership"),
    ("days.turned", "membership"),
    ("delivery.after_send", "notifications"),
    ("message.after_send", "notifications"),
)

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), Path("/usr/lib/faketime/libfaketimeMT.so.1"))


def crash(point: str, service: str) -> Fault:
    async def inject(world: World) -> None:
        await world.dies_at(service, point)

    return Fault(f"killed at {point}", service, inject, crash_point=point)


def kill(name: str) -> Fault:
    async def inject(world: World) -> None:
        await world.kill(name)

    return Fault("kill -9", name, inject)


def stand_still(name: str) -> Fault:
    """SIGSTOP past lease and session, as by a hypervisor; SIGCONT to the same process, if it is still that."""

    async def inject(world: World) -> None:
        pid = world.kept[name] = world.pid(name)
        assert pid is not None, f"{name} does not run, so it cannot stand still"
        os.kill(pid, signal.SIGSTOP)

    async def heal(world: World) -> None:
        pid = world.kept.pop(name, None)
        if pid is not None and pid == world.pid(name):
            os.kill(pid, signal.SIGCONT)

    return Fault("SIGSTOP past lease and session", name, inject, heal)


def _no_faketime(world: World) -> str | None:
    if FAKETIME.exists():
        return None
    return "needs libfaketime: apt-get install libfaketime"


def clock_jump(service: str) -> Fault:
    """An hour ahead, then an hour back, of everything that the process asks for the time of day."""

    def shift(world: World) -> Path:
        return world.folder / f"clock-{service}"

    async def inject(world: World) -> None:
        shift(world).write_text("+0\n")
        await world.with_environment(
            service,
            {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(shift(world)),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
            },
        )
        await world.until(lambda: world.pid(service) is not None, 30, f"{service} did not start")
        for hour in ("+3600\n", "-3600\n"):
            shift(world).write_text(hour)
            await pace(2.5)

    async def heal(world: World) -> None:
        names = ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_CACHE_DURATION", "DONT_FAKE_MONOTONIC")
        await world.with_environment(service, dict.fromkeys((*names, "FAKETIME_DONT_FAKE_MONOTONIC")))

    return Fault("clock an hour ahead, then back", service, inject, heal, within=SERVER, cannot=_no_faketime)


def repeatedly(name: str, every: float, times: int, act: Callable[[World], Awaitable[None]], who: str) -> Fault:
    """The same again and again."""

    async def inject(world: World) -> None:
        for _ in range(times):
            await act(world)
            await pace(every)

    return Fault(name, who, inject, within=SERVER)
