"""Waiting for a process to be ready or gone, never longer than told."""

import time
from collections.abc import Callable
from pathlib import Path

from infra.local.trouble import Trouble


def wait_until(
    holds: Callable[[], bool], seconds: float, otherwise: str, log: Path | None = None, every: float = 0.05
) -> None:
    """Return as soon as the condition holds; raise the sentence, with the end of the log, when the time is over."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Trouble(f"{otherwise} within {seconds:.0f} s", last_words(log) if log else "")
        time.sleep(every)


def last_words(log: Path) -> str:
    """The last lines of a log file, and where to read the rest."""
    if not log.is_file():
        return f"The logs are in {log}."
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-8:]
    return f"The last lines of {log} are:\n" + "\n".join(lines)
