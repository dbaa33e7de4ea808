"""The small language in which load and faults are said: a cell is a fault with a time before, during and after it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.world import World

Act = Callable[["World"], Awaitable[None]]
Reason = Callable[["World"], str | None]

KILLED, SERVER = 10.0, 20.0  # seconds until all is caught up again: a process killed, broker or database away (D3)
REPLACED = 15.0  # who was replaced between its look and its send finds out, ends and is started again
PATIENCE = 90.0  # after so long without catching up it has not healed (I10)


def _always(world: "World") -> str | None:
    return None


async def _by_itself(world: "World") -> None:
    """The supervisor starts what has died; nobody else does anything."""


async def _at_once(world: "World") -> bool:
    """There is nothing to wait for but that all are ready."""
    return True


async def _seen_already(world: "World") -> None:
    """What shows that it bit was seen while it was done or healed."""


@dataclass(frozen=True)
class Fault:
    """What is done to whom, and how it is made good again. ``cannot`` says why it can't be tried on this machine.

    Each tells `World.saw` what shows that it bit, in one of its acts, or in ``evidence`` when all has caught up. One of
    which nothing was seen fails the run. ``has_settled``: whether those who are left know of it and have shared the work.
    """

    name: str
    who: str
    inject: Act
    heal: Act = _by_itself
    within: float = KILLED
    crash_point: str | None = None
    refuses_nothing: bool = False  # writes go on meanwhile, and what they told goes out at thrice their pace afterwards
    cannot: Reason = _always
    evidence: Act = _seen_already
    has_settled: Callable[["World"], Awaitable[bool]] = _at_once

    @property
    def heals_itself(self) -> bool:
        return self.heal is _by_itself


@dataclass(frozen=True)
class Cell:
    """One row of the matrix."""

    name: str
    faults: tuple[Fault, ...]
    during: float = 0.0  # seconds that the fault is held
    after: float = 2.0  # seconds at least in which the pace is looked at when all has caught up

    @property
    def refuses_nothing(self) -> bool:
        return all(fault.refuses_nothing for fault in self.faults)

    @property
    def heals_itself(self) -> bool:
        return all(fault.heals_itself for fault in self.faults)

    @property
    def within(self) -> float:
        return max(fault.within for fault in self.faults)


@dataclass(frozen=True)
class Plan:
    """Everything that one run does, by its seed alone.

    ``rate``: requests a second, of which most are of ``few`` outcomes. Beside them, while readers have at most ``room``
    records left to apply: requests of a ``large`` number, and files of so many made ``schools`` in so many ``editions``.
    """

    seed: int
    cells: tuple[Cell, ...]
    rate: float
    few: int
    large: int
    schools: int
    editions: int
    room: int
    session_seconds: float
    lease_seconds: float
    patience_seconds: float
    day_seconds: float  # so long a day of the test clock lasts
    least_events: int  # beside those of the take-on
    at_most: float = float("inf")  # seconds of the whole run
    piece_every: int = 0  # so many cells: a fixed piece of work when all has caught up (`pieces.py`); 0: none is taken
    piece_schools: int = 1_200  # of which they are in turn
    longest: float = float("inf")  # seconds that a fault should last
    judged_at: float = 1.0  # times the seconds in which all should have caught up, from which the run fails
    complete: bool = False  # whether each of its faults must have been tried, and have bitten

    @property
    def crash_points(self) -> set[str]:
        return {fault.crash_point for cell in self.cells for fault in cell.faults if fault.crash_point}
