"""Awaiting what happens by itself, without sleeping longer than needed."""

import asyncio
import inspect
import os
import time
from collections.abc import Callable
from typing import Any

# Seconds that a test waits for what happens by itself: far more than it takes, since a slow machine proves nothing. Where
# the time itself is the claim a test says its own. CONSORTIA_PATIENCE=300 for a machine that is slower still.
PATIENCE = float(os.environ.get("CONSORTIA_PATIENCE", "60"))


async def eventually(claim: Callable[[], Any], seconds: float = PATIENCE, every: float = 0.02) -> Any:
    """Call until the claim gives something true, and give that back. Assertion errors count as "not yet".

    At the end the last assertion error is raised as it was, so that a failure says what was seen last.
    """
    end = time.monotonic() + seconds
    while True:
        last: AssertionError | None = None
        found: Any = None
        try:
            found = claim()
            if inspect.isawaitable(found):
                found = await found
        except AssertionError as error:
            last = error
        if last is None and found:
            return found
        if time.monotonic() > end:
            raise last or AssertionError(f"not true within {seconds} s; last seen: {found!r}")
        await asyncio.sleep(every)
        every = min(every * 1.5, 0.5)
