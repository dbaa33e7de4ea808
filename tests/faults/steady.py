"""The requests that come at a steady rate: how many of those that began in a span were answered in it."""

import bisect
from dataclasses import dataclass, field

from tests.faults.history import now

UNDER_WAY = 0.5  # seconds; who asked so shortly before the end of a span may be answered after it


@dataclass
class Request:
    began: float
    answered: float = float("inf")  # for good, however often it had to be asked again


@dataclass
class Steady:
    """All of one run, as they began. One that could not even be asked counts as unanswered."""

    rate: float
    requests: list[Request] = field(default_factory=list)

    def asks(self) -> Request:
        request = Request(now())
        self.requests.append(request)
        return request

    def between(self, since: float, until: float) -> tuple[float, int]:
        """Answered a second at the rate at which they come, and how many that is the share of.

        Of those that began in this span it is the share that was answered by its end. So neither what an earlier fault
        held back counts, nor how many happened to begin.
        """
        first = bisect.bisect_left(self.requests, since, key=_began)
        last = bisect.bisect_right(self.requests, until, key=_began)
        begun = self.requests[first:last]
        answered = sum(each.answered <= until for each in begun)
        waiting = sum(each.answered > until and each.began <= until - UNDER_WAY for each in begun)
        asked = answered + waiting
        return (self.rate * answered / asked if asked else 0.0), asked


def _began(request: Request) -> float:
    return request.began
