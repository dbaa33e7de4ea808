"""How many lines of a file one transaction applies: no more than fit into the time that it has (docs/decisions/0019).

Half of what did not fit, until it does, and twice as many again once that was quick. Each process finds out for itself what
its machine can do; one that begins anew loses a few tries by it, and nothing that was applied.
"""

MOST_AT_ONCE = 500  # lines
QUICK = 5.0  # seconds: twice as many lines then take well less than the 25 that a transaction has


class Pace:
    def __init__(self) -> None:
        self.lines = MOST_AT_ONCE

    def slows_down(self, lines: int) -> bool:
        """So many did not fit. Whether fewer may."""
        if lines <= 1:
            return False
        self.lines = lines // 2
        return True

    def went_well(self, seconds: float) -> None:
        if seconds < QUICK:
            self.lines = min(MOST_AT_ONCE, self.lines * 2)
