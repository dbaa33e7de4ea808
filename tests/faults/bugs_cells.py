"""Under which faults a planted bug bites: few and short, since each bug has a stack of its own."""

import asyncio

from tests.faults.of_processes import crash, kill
from tests.faults.scenario import Cell, Fault
from tests.faults.world import World

SHORT, MIDDLE, LONG = 4.0, 8.0, 12.0  # seconds of load when all has caught up


def killed(after: float = SHORT) -> tuple[Cell, ...]:
    """For a bug that needs no fault to bite: the load goes on before, during and after one all the same."""
    faults = (kill("membership"), kill("notifications"))
    return (Cell("membership: kill -9; notifications: kill -9", faults, after=after),)


def killed_at(point: str, service: str) -> tuple[Cell, ...]:
    return (Cell(f"{service}: killed at {point}", (crash(point, service),), after=SHORT),)


def killed_again_at(point: str, service: str, times: int = 3) -> tuple[Cell, ...]:
    """Where not whoever comes by first does what the bug is in: one in three only asks who speaks."""

    async def inject(world: World) -> None:
        for _ in range(times):
            await world.dies_at(service, point)
            await world.until(world.all_ready, 30, f"{service} was not ready again")

    fault = Fault(f"killed at {point}, {times} times", service, inject, crash_point=point)
    return (Cell(f"{service}: {fault.name}", (fault,), after=SHORT),)


def forty_meetings() -> tuple[Cell, ...]:
    """So that most Area Analysis Groups have one to come, on whose agenda a school may be; every fifth is of a group."""

    async def inject(world: World) -> None:
        await asyncio.gather(*(world.officers.ask_for_a_meeting() for _ in range(40)))
        world.saw("meetings", "40 were asked for")

    return (Cell("meetings: forty are asked for at once", (Fault("forty asked for", "meetings", inject),), after=1.0),)
