"""Processes that die, or see another time than the rest of the world."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from infra.local.ports import SERVICES
from tests.faults.asking import AWAY, request
from tests.faults.brought_about import BROUGHT_ABOUT
from tests.faults.must_read import READERS
from tests.faults.scenario import SERVER, Fault
from tests.faults.world import World
from tests.pace import pace

# Every named place in the code, and each process in which the load comes by it. `test_crash_points` holds it to the code.
WHERE: dict[str, tuple[str, ...]] = {
    "unit.before_commit": SERVICES,
    "unit.after_commit": SERVICES,
    "relay.before_send": SERVICES,
    "relay.after_send": SERVICES,
    "inbox.before_commit": READERS,
    "inbox.after_commit": READERS,
    "import.staged": ("membership",),
    "import.accepted": ("membership",),
    "import.chunk_applied": ("membership",),
    "days.turned": ("membership",),
    "call.passed_on": ("membership",),
    "call.closed": ("membership",),
    "people.said_again": ("membership",),
    "year.looked_at": ("funding",),
    "delivery.before_send": ("notifications",),
    "delivery.after_send": ("notifications",),
    "message.before_send": ("notifications",),
    "message.after_send": ("notifications",),
    "stages.opened": ("notifications",),
}
CRASHES: tuple[tuple[str, str], ...] = tuple(
    (point, service) for point, services in WHERE.items() for service in services
)
# In the short run each place once: one of membership and one of notifications or funding at a time. Places that all services
# come by are taken in meetings where membership has one of its own.
CRASHES_IN_SHORT: tuple[tuple[tuple[str, str], ...], ...] = (
    (("people.said_again", "membership"), ("inbox.after_commit", "notifications"), ("unit.before_commit", "meetings")),
    (("call.passed_on", "membership"), ("delivery.before_send", "notifications"), ("unit.after_commit", "meetings")),
    (("call.closed", "membership"), ("delivery.after_send", "notifications"), ("relay.before_send", "meetings")),
    (("relay.after_send", "membership"), ("message.before_send", "notifications")),
    (("import.staged", "membership"), ("message.after_send", "notifications")),
    (("import.accepted", "membership"), ("stages.opened", "notifications")),
    (("import.chunk_applied", "membership"), ("inbox.before_commit", "notifications")),
    (("days.turned", "membership"), ("year.looked_at", "funding")),
)

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), Path("/usr/lib/faketime/libfaketimeMT.so.1"))


def crash(point: str, service: str) -> Fault:
    """Where the load comes by too seldom, what leads there is brought about, and what shows that it was done is waited for."""

    async def inject(world: World) -> None:
        await world.dies_at(service, point)

    async def inject_and_bring_about(world: World) -> None:
        await asyncio.gather(inject(world), seldom.leads_there(world))

    name = f"killed at {point}"
    if (seldom := BROUGHT_ABOUT.get(point)) is None:
        return Fault(name, service, inject, crash_point=point)
    return Fault(name, service, inject_and_bring_about, crash_point=point, evidence=seldom.shows)


def kill(name: str) -> Fault:
    async def inject(world: World) -> None:
        world.kept[f"{name} killed"] = world.pid(name)
        await world.kill(name)

    return Fault("kill -9", name, inject, evidence=is_another(name))


def is_another(name: str) -> Callable[[World], Awaitable[None]]:
    """Another process runs than the one that was killed."""

    async def evidence(world: World) -> None:
        before, after = world.kept.pop(f"{name} killed"), world.pid(name)
        if before is not None and after not in (None, before):
            world.saw(name, f"process {before} is {after} now")

    return evidence


def _no_faketime(world: World) -> str | None:
    if FAKETIME.exists():
        return None
    return "needs libfaketime: apt-get install libfaketime"


def clock_jump(service: str, held: float) -> Fault:
    """An hour ahead, then an hour back, so long each, of everything that the process asks for the time of day."""

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
        await world.until(lambda: _ahead(world, service, -60, 60), 30, f"{service} did not start")
        for hour in (3600, -3600):
            shift(world).write_text(f"{hour:+}\n")
            await world.until(
                lambda: _ahead(world, service, hour - 60, hour + 60),  # noqa: B023
                10,
                f"{service} never saw its clock {hour} s off",
            )
            await pace(held)
        world.saw(service, f"by its own answers it was an hour ahead, then an hour behind, for {held:.0f} s each")

    async def heal(world: World) -> None:
        names = ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_CACHE_DURATION", "DONT_FAKE_MONOTONIC")
        await world.with_environment(service, dict.fromkeys((*names, "FAKETIME_DONT_FAKE_MONOTONIC")))

    return Fault("clock an hour ahead, then back", service, inject, heal, within=SERVER, cannot=_no_faketime)


async def _ahead(world: World, service: str, least: float, most: float) -> bool:
    """Whether the service's clock is so far ahead of ours, as it says itself at the head of an answer."""
    try:
        answer = await request("GET", f"{world.stack.url(service)}/livez", token=world.token, seconds=2)
    except AWAY:
        return False
    says = parsedate_to_datetime(answer.headers["date"])
    return least < (says - datetime.now(UTC)).total_seconds() < most


def repeatedly(name: str, every: float, times: int, act: Callable[[World], Awaitable[None]], who: str) -> Fault:
    """The same again and again."""

    async def inject(world: World) -> None:
        for _ in range(times):
            await act(world)
            await pace(every)

    return Fault(name, who, inject, within=SERVER)
