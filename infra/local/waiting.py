"""Waiting for a process to be ready or gone, never longer than told."""

import time
from collections.abc import Callable
from pathlib import Path

from infra.local.trouble import Trouble


def wait_until(
    holds: Callable[[], bool], seconds: float, otherwise: str, look_in: Path | None = None, every: float = 0.05
) -> None:
    """Return as soon as the condition holds; raise the sentence when the time is over."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Trouble(f"{otherwise} within {seconds:.0f} s", f"Its log is in {look_in}." if look_in else "")
        time.sleep(every)
