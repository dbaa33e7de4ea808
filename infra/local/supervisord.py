"""Supervisor that looks for its dead ten times a second, not once: what was killed is back a second earlier.

Run as a script by its path, so it imports nothing of ours.
"""

from supervisor import poller, supervisord

LOOK_EVERY = 0.1  # seconds


class Watchful(poller.Poller):  # type: ignore[misc]
    """Supervisor sees the end of a program only after its wait for news of pipes and requests, which it has set to a second."""

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        found: tuple[list[int], list[int]] = super().poll(min(timeout, LOOK_EVERY))
        return found


if __name__ == "__main__":
    poller.Poller = Watchful
    supervisord.main()
