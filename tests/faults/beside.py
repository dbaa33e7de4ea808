"""What is done beside the steady requests, and can be made to stand still: the bulk of the load, and the turn of the day.

Only while it stands still does a piece of work say how fast the product is, and not how much else it had to do.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.pace import pace

LOOK_EVERY = 0.05


class Beside:
    """``stood_still``: seconds in all."""

    def __init__(self) -> None:
        self.is_held = False  # nobody begins
        self.stood_still = 0.0
        self._at_work = 0

    @property
    def is_busy(self) -> bool:
        """Something is under way."""
        return self._at_work > 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Who has begun comes to an end; nobody asks whether it is held meanwhile."""
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    async def may_begin(self) -> None:
        while self.is_held:
            await pace(LOOK_EVERY)

    @asynccontextmanager
    async def standing_still(self, seconds: float) -> AsyncIterator[None]:
        """From when all that was under way has come to its end; a TimeoutError if it does not in so many seconds."""
        began, self.is_held = time.monotonic(), True
        try:
            async with asyncio.timeout(seconds):
                while self.is_busy:
                    await pace(LOOK_EVERY)
            yield
        finally:
            self.is_held = False
            self.stood_still += time.monotonic() - began
