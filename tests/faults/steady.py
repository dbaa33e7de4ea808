"""The requests that come at a steady rate: how many of those that began in a span were answered.

They begin at their rate however long an answer takes: where all take longer as many are answered, only more are under way at any
moment. So who is under way at the end of a span says nothing of the pace in it, and when a fault is over each that begins is
given the same time for an answer. Of the time that it lasted it is told how many had one by its end.
"""

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.history import now

UNDER_WAY = 0.5  # seconds; who asked so shortly before the end of a fault may be answered after it
GIVEN = 5.0  # seconds for an answer to whoever asks when it is over; the bulk of the load takes what capacity is left


@dataclass
class Request:
    began: float
    answered: float = float("inf")  # for good, however often it had to be asked again
    under_way: bool = True


@dataclass
class Steady:
    """All of one run, as they began."""

    rate: float
    requests: list[Request] = field(default_factory=list)

    def asks(self) -> Request:
        request = Request(now())
        self.requests.append(request)
        return request

    def cannot_ask(self) -> None:
        """As many as may be are under way already. It counts as one without an answer."""
        self.requests.append(Request(now(), under_way=False))

    def while_it_lasted(self, since: float, until: float) -> tuple[float, int]:
        """Answered a second at the rate at which they come, and how many that is the share of.

        Of those that began in this span it is the share that was answered by its end. So neither what an earlier fault
        held back counts, nor how many happened to begin.
        """
        answered = sum(each.answered <= until for each in self._begun(since, until))
        waiting = sum(each.answered > until for each in self._begun(since, until - UNDER_WAY))
        return self._pace(answered, answered + waiting)

    def when_it_was_over(self, since: float, until: float) -> tuple[float, int]:
        """The same, of those that were answered in the time that each was given."""
        begun = list(self._begun(since, until))
        return self._pace(sum(each.answered <= each.began + GIVEN for each in begun), len(begun))

    def some_may_be_answered(self, since: float, until: float) -> bool:
        """Whether any that began in this span have no answer yet, and time left for it."""
        return any(each.under_way and now() <= each.began + GIVEN for each in self._begun(since, until))

    def _pace(self, answered: int, asked: int) -> tuple[float, int]:
        return (self.rate * answered / asked if asked else 0.0), asked

    def _begun(self, since: float, until: float) -> Iterator[Request]:
        first = bisect.bisect_left(self.requests, since, key=_began)
        last = bisect.bisect_right(self.requests, until, key=_began)
        return iter(self.requests[first:last])


def _began(request: Request) -> float:
    return request.began
