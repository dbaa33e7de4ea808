"""How long what others have locked is waited for."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from services.membership.domain.failed_day import has_waited_too_long


class Patience:
    """How long one process waits for what others have locked before it goes on without it."""

    def __init__(self, clock: Callable[[], float] = monotonic):
        self.clock = clock
        self.since: float | None = None

    def is_over(self) -> bool:
        """Something is locked, and what was to be done could not be."""
        now = self.clock()
        self.since = now if self.since is None else self.since
        return has_waited_too_long(timedelta(seconds=now - self.since))

    def begins_anew(self) -> None:
        self.since = None
