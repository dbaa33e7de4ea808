"""Several who are killed in one cell, each measured from his own death on: who dies last must not hide who died first.

Whoever has died is back when his service is ready and all that had been committed by then and that he reads, or that his
service had said, is applied. What another is part of who died after him is measured from that one's death.
"""

import asyncio
from contextlib import suppress

from aiokafka.errors import KafkaError

from infra.local.ports import SERVICES
from tests.faults.ends import Death
from tests.faults.history import now
from tests.faults.watching import LOST, Due, Watch
from tests.faults.world import World
from tests.pace import pace

LOOK_EVERY = 0.2  # seconds; each look costs the databases a few milliseconds


class Victims:
    """Of one cell, in which ``several`` are to die: each is then followed from his death on."""

    def __init__(self, world: World, watch: Watch, *, several: bool, patience: float):
        self._world, self._watch, self._patience = world, watch, patience
        self._before = len(world.ends.deaths)
        self._following: list[tuple[Death, asyncio.Task[float | None]]] = []
        self._task = asyncio.create_task(self._follow()) if several else None

    @property
    def deaths(self) -> list[Death]:
        return [each for each in self._world.ends.deaths[self._before :] if each.who in SERVICES]

    def last_death(self, otherwise: float) -> float:
        return max((each.at for each in self.deaths), default=otherwise)

    async def end(self) -> list[tuple[str, float | None]]:
        """When all is over: who was back after how many seconds, in the order of their deaths."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        return [(death.who, await task) for death, task in self._following]

    async def _follow(self) -> None:
        while True:
            for death in self.deaths[len(self._following) :]:
                self._following.append((death, asyncio.create_task(self._back(death))))
            await pace(LOOK_EVERY / 2)

    async def _back(self, death: Death) -> float | None:
        """Seconds; nothing if he never was."""
        due: Due | None = None
        while now() - death.at < self._patience:
            with suppress(*LOST, KafkaError):
                if due is not None:
                    due = await self._watch.still_due(due)
                elif await self._world.are_ready([death.who]):
                    due = part_of(await self._watch.due(), death.who)
                if due is not None:
                    later = {each.who for each in self.deaths if each.at > death.at}
                    due = without(due, later)
                    if not any(due.values()):
                        return now() - death.at
            await pace(LOOK_EVERY)
        return None


def part_of(due: Due, who: str) -> Due:
    """What he reads, and what his service has said to others."""
    return {
        reader: {place: head for place, head in places.items() if who in (reader, _sender(place[0]))}
        for reader, places in due.items()
    }


def without(due: Due, those: set[str]) -> Due:
    """Without what one of those has to send or to read."""
    return {
        reader: {place: head for place, head in places.items() if _sender(place[0]) not in those}
        for reader, places in due.items()
        if reader not in those
    }


def _sender(topic: str) -> str:
    """Topics that anybody of ours reads begin with the service that writes them."""
    return topic.split(".")[1]
