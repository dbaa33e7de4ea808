"""Readers among the load who may know little, and ask for much: what they are answered is judged at the end (I13).

One after the other, a few a second: somebody of finance follows changes of which no school was told, and tries the doors
of school improvement; the regional office reads its feed by the cursor.
"""

import asyncio
import itertools
import random
from typing import Any

from tests.faults.asking import AWAY, Answer, request
from tests.faults.history import Seen, now
from tests.faults.load import Load
from tests.faults.world import World

EVERY = 0.5  # seconds
REGION = "West Midlands"


class Readers:
    def __init__(self, world: World, load: Load):
        self.world = world
        self.load = load
        self.dice = random.Random(load.seed + 3)
        self.finance = world.token_of("faults of finance", "la.finance")
        self.region = world.token_of("faults of the region", "rd.liaison", regions=[REGION])
        self.read_to = 0  # the number in the feed
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._ask())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            if not self._task.cancelled() and (problem := self._task.exception()):
                raise problem

    async def _ask(self) -> None:
        for turn in itertools.count():
            await (self._follow, self._try_a_door, self._read_the_feed)[turn % 3]()
            await self.load.rest(EVERY)
            if self.load.is_over:
                return

    async def _follow(self) -> None:
        """A change that the council keeps to itself, by its story: finance sees none of what is restricted in it."""
        if self.load.untold:
            story = self.dice.choice(self.load.untold)
            await self._of_finance("notifications", f"/journeys/{story}", may=True)

    async def _try_a_door(self) -> None:
        urn = self.dice.choice(self.load.sayings.urns)
        doors = (
            ("membership", f"/schools/{urn}/speaker?matter=general"),
            ("membership", f"/schools/{urn}/category"),
            ("membership", f"/schools/{urn}/explanation"),
            ("membership", "/speakers?authority=937"),
            ("notifications", "/feed/west-midlands"),
        )
        await self._of_finance(*self.dice.choice(doors), may=False)

    async def _of_finance(self, service: str, path: str, *, may: bool) -> None:
        answer = await self._get(service, path, self.finance)
        if answer is None or answer.status >= 500:
            return
        steps = answer.json()["steps"] if may and answer.is_yes else []
        story = path.rpartition("/")[2]
        seen = [(step["type"], step["class"], step["told"], story, step["subject"]) for step in steps]
        found: dict[str, Any] = {"who": "finance", "path": path, "status": answer.status, "may": may, "steps": seen}
        self.load.journal.keep(Seen("reader", now(), found))

    async def _read_the_feed(self) -> None:
        """From where it stopped: the numbers follow each other, whatever is committed at this moment."""
        answer = await self._get("notifications", f"/feed/west-midlands?after={self.read_to}&limit=500", self.region)
        if answer is None or not answer.is_yes:
            return
        entries = [each["data"] for each in answer.json()]
        numbers = [each["number"] for each in entries]
        inspections = [each["inspection_number"] for each in entries]
        found = {"region": "west-midlands", "after": self.read_to, "numbers": numbers, "inspections": inspections}
        self.load.journal.keep(Seen("feed", now(), found))
        self.read_to = max([self.read_to, *numbers])

    async def _get(self, service: str, path: str, token: str) -> Answer | None:
        address = self.dice.choice(self.load.addresses(service))
        try:
            return await request("GET", f"{address}/api/v1{path}", token=token)
        except AWAY:
            return None
