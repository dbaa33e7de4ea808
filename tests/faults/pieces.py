"""Fixed pieces of work, some before the first fault and one after each: how fast the product is when it has caught up.

A piece is three large requests of outcomes, one after the other, from the first request until every reader has applied all
that was said of those schools. Nothing else goes on but the steady requests and a few readers. Each piece is the same work: of
schools that nobody else touches, whose category goes to and fro with each outcome; and of so many in turn that none is
inspected more than a few times, since a decision reads all outcomes of its school. It is judged in `throughput.py`.
"""

import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from itertools import cycle
from typing import Any, TypeVar

from tests.faults import throughput
from tests.faults.asked import Asked, outcomes
from tests.faults.history import Journal, Seen, now
from tests.faults.load import Load
from tests.faults.made_up import register_file
from tests.faults.must_read import TOPICS
from tests.faults.watching import LOST, Due, Place, Watch
from tests.pace import pace

SCHOOLS, IN_ONE = 300, 100  # of a piece, and of one of its requests
BEFORE = 11  # pieces before the first fault
TO_AND_FRO = (2, 3)  # good, and requires improvement: the category that each outcome gives is another
FIRST, FIRST_FILE, IN_A_FILE = 50_000, 9_001, 1_000  # beyond the schools and the files of the bulk
STILL = 60.0  # seconds in which all else comes to stand still
APPLIED = 60.0  # seconds that the readers of a piece are given
A_FEW, A_MOMENT = 20, 20.0  # webhooks and letters that may be on their way, and seconds in which they get there
LOOK_EVERY = 0.05
T = TypeVar("T")


class Pieces:
    """Of one run: ``so_far`` is how many schools a second each did, of several the best, by how many replicas there were."""

    def __init__(self, load: Load, watch: Watch, journal: Journal, schools: int):
        self.load = load
        self.watch = watch
        self.journal = journal
        self.so_far: dict[int, list[float]] = defaultdict(list)
        self.keys: dict[str, str] = {}  # by the number of each school
        self._many = schools
        self._turns = cycle(TO_AND_FRO)
        self._headline = TO_AND_FRO[0]
        self._left: list[str] = []  # of this turn
        self._turned_on = date.min
        self._dice = random.Random(load.seed + 4)

    async def begin(self) -> None:
        """The schools are taken on; each is inspected once, so that every later time is the same; and pieces are taken."""
        async with self.load.beside.standing_still(STILL):  # a file that failed would count no more after another
            await self._take_on()
        for _ in range(0, self._many, SCHOOLS):
            await self._ask(await self._next())
        for _ in range(BEFORE):
            self.so_far[0].append(await self._one())
            self.journal.keep(Seen(throughput.PIECE, now(), {"schools_a_second": self.so_far[0][-1]}))

    async def after_a_fault(self, replicas: int) -> tuple[float, ...]:
        """Schools a second; where that was slow once more, and once more again, right after it."""
        paces, so_far = [await self._one()], self.so_far[replicas]
        while throughput.wants_another(paces, so_far):
            paces.append(await self._one())
        so_far.append(max(paces))
        return tuple(paces)

    async def _take_on(self) -> None:
        for number, first in enumerate(range(FIRST, FIRST + self._many, IN_A_FILE), FIRST_FILE):
            urns, file = register_file(number, first, min(IN_A_FILE, FIRST + self._many - first))
            path = f"/imports/gias?name=made-{number}.csv&as_at={self.load.sayings.today.isoformat()}"
            taken = await self.load.ask(Asked("import", f"file {number}", "membership", path, file))
            await self.load.bulk.see_through(f"file {number}", taken["import_id"])
            self.keys |= {urn: f"{('937', '801')[n % 2]}/school/{urn}" for n, urn in enumerate(urns)}

    async def _one(self) -> float:
        """Nothing a second, if it can't be taken: that is slow, and names itself."""
        schools = await self._next()
        try:
            async with self.load.beside.standing_still(STILL):
                await self._all_is_quiet()
                began = time.monotonic()
                await self._ask(schools)
                is_applied = await self._is_applied([self.keys[urn] for urn in schools])
                return len(schools) / (time.monotonic() - began) if is_applied else 0.0
        except TimeoutError:
            return 0.0

    async def _next(self) -> list[str]:
        """Each in its turn, and none twice on one day: that would be asked about."""
        if not self._left:
            while self.load.sayings.today <= self._turned_on:
                await pace(LOOK_EVERY)
            self._left, self._headline = list(self.keys), next(self._turns)
        self._turned_on = self.load.sayings.today
        schools, self._left = self._left[:SCHOOLS], self._left[SCHOOLS:]
        return schools

    async def _ask(self, schools: list[str]) -> None:
        say = self.load.sayings
        for at in range(0, len(schools), IN_ONE):
            urns = schools[at : at + IN_ONE]
            many = [say.outcome(urn=urn, dice=self._dice) | {"headline": self._headline} for urn in urns]
            await self.load.ask(outcomes(many))

    async def _all_is_quiet(self) -> None:
        """All readers have caught up, and few webhooks and letters are on their way."""
        end = time.monotonic() + STILL
        due = await _sooner_or_later(end, self.watch.due)
        while due := await _sooner_or_later(end, self.watch.still_due, due):
            await pace(LOOK_EVERY)
        soon = time.monotonic() + A_MOMENT
        while time.monotonic() < soon and await _sooner_or_later(end, self.watch.undelivered, "pieces") > A_FEW:
            await pace(LOOK_EVERY)

    async def _is_applied(self, keys: Sequence[str]) -> bool:
        """By each reader, and what readers said of it in their turn as well. Whether it was in the time that is given."""
        end = time.monotonic() + APPLIED
        before: Mapping[Place, int] = {}
        try:
            while (heads := await _sooner_or_later(end, self.watch.heads_of, keys)) != before or not heads:
                for reader, topics in TOPICS.items():
                    await self._comes_to(reader, {at: head for at, head in heads.items() if at[0] in topics}, end)
                before = heads
        except TimeoutError:
            return False
        return True

    async def _comes_to(self, reader: str, heads: dict[Place, int], end: float) -> None:
        """One reader after the other: fewer looks, which cost what is measured."""
        due: Due = {reader: heads}
        while due := await _sooner_or_later(end, self.watch.still_due, due):
            await pace(LOOK_EVERY)


async def _sooner_or_later(end: float, look: Callable[..., Awaitable[T]], *asked: Any) -> T:
    """A look whose connection was lost in the fault is made once more."""
    while time.monotonic() < end:
        try:
            return await look(*asked)
        except LOST:
            await pace(LOOK_EVERY)
    raise TimeoutError
