"""The bulk of the load: large requests and whole register files, as many as everybody keeps up with.

Each begins only while the readers have little left to apply. So it takes what capacity there is, stops as soon as a
fault keeps anybody from his work, and no recovery has more to catch up with than that little and what was under way.
"""

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.faults.asked import Asked, outcomes
from tests.faults.made_up import register_file
from tests.pace import pace

if TYPE_CHECKING:
    from tests.faults.load import Load

LOOK_EVERY = 0.1  # seconds; so often it is asked whether there is room again
LOOK_AT_FILE_EVERY = 0.3
LAST_WORD = 60.0  # seconds that a file is given when the load is over
REST = 0.5  # of the time that a large request took: membership has others to answer too


class Bulk:
    """``large``: outcomes in one request; ``schools``: made ones in each of so many ``editions`` of files."""

    def __init__(self, load: "Load", room: Callable[[], bool], *, large: int, schools: int, editions: int):
        self.load = load
        self.room = room
        self.large = large
        self.schools = schools
        self.editions = editions
        self.made: list[str] = []  # schools that are in the register by now
        self._dice = random.Random(load.seed + 2)

    async def large_requests(self) -> None:
        """Outcomes of many made schools, one request after the other."""
        loop = asyncio.get_running_loop()
        while await self._has_room():
            if len(self.made) < self.large:
                await self.load.rest(1.0)
                continue
            began = loop.time()
            urns = self._dice.sample(self.made, self.large)
            many = [self.load.sayings.outcome(urn=urn, dice=self._dice) for urn in urns]
            with self.load.beside.at_work():
                await self.load.ask(outcomes(many))
            await self.load.rest((loop.time() - began) * REST)

    async def files(self) -> None:
        """One register of made schools after the other."""
        number = 0
        while await self._has_room():
            number += 1
            first = number % self.editions * self.schools
            path = f"/imports/gias?name=made-{number}.csv&as_at={self.load.sayings.today.isoformat()}"
            urns, file = register_file(number, first, self.schools)
            with self.load.beside.at_work():
                if taken := await self.load.ask(Asked("import", f"file {number}", "membership", path, file)):
                    await self.see_through(f"file {number}", taken["import_id"])
                    self.made = sorted({*self.made, *urns})
                    self.load.sayings.made = self.made
            await self.load.rest(1.0)

    async def _has_room(self) -> bool:
        """Wait until there is room, and nobody wants it to stand still; False once the load is over."""
        while not self.load.is_over:
            if not self.load.beside.is_held and self.room():
                return True
            await pace(LOOK_EVERY)
        return False

    async def see_through(self, name: str, import_id: str) -> None:
        """Until the file is done with, and a while after the load is over.

        What met locks for too long has failed, and waits for an officer: she tries it again before she sends another, which
        would count in its place.
        """
        left = LAST_WORD
        while left > 0:
            answer = await self.load.request("GET", "membership", f"/imports/{import_id}")
            state = answer.json()["state"] if answer is not None and answer.is_yes else "not known"
            if state == "failed":
                await self.load.ask(Asked("retry", name, "membership", f"/imports/{import_id}/retry", None))
            elif state not in ("applying", "not known"):
                return
            await pace(LOOK_AT_FILE_EVERY)
            left -= LOOK_AT_FILE_EVERY if self.load.is_over else 0
