"""What a failure of the database says: that it is away, that others are in the way, or that the question was wrong."""

import random
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

RESTARTED = {"40P01", "40001"}  # deadlock detected, serialisation failure
RESTARTS = 3
RESTART_AFTER = 0.02  # seconds at most before the first restart, doubled before each further one


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five-character code behind an error, if there is one."""
    return next(_codes(error), None)


def _codes(error: BaseException) -> Iterator[str]:
    """The codes of an error and of all that it follows from."""
    found: BaseException | None = error
    while found is not None:
        if code := getattr(found, "sqlstate", None) or getattr(getattr(found, "orig", None), "sqlstate", None):
            yield str(code)
        found = found.__cause__


AWAY = ("08", "57P", "53")  # connection lost, server going down or starting, out of disk, memory or connections


def is_away(problem: BaseException) -> bool:
    """Whether the database, not what was asked of it, is at fault: then waiting and asking again is all there is."""
    code = sqlstate(problem)
    if code is not None:
        return code.startswith(AWAY)
    if isinstance(problem, DBAPIError):
        return problem.connection_invalidated or "connection is closed" in str(problem.orig)
    return isinstance(problem, OSError | TimeoutError | PoolTimeout)


BUSY = {*RESTARTED, "55P03", "57014"}  # also a lock that others hold, a statement that was cancelled


def will_pass(problem: BaseException) -> bool:
    """Whether the same may well be done in a moment: the database is away, or busy with others."""
    return is_away(problem) or sqlstate(problem) in BUSY


# A transaction that was open, or still, for too long, whose connection the server has then closed; a statement cut short.
OUT_OF_TIME = {"25P04", "25P03", "57014"}


def ran_out_of_time(problem: BaseException) -> bool:
    """Whether it took longer than it may: less of it at once may well be done. Looks like a database that is away, too."""
    return isinstance(problem, TimeoutError) or not OUT_OF_TIME.isdisjoint(_codes(problem))


def pause_before(restart: int) -> float:
    """Seconds: restarted at once, a unit takes back the row that the other is just being woken for, and both meet again."""
    longest = RESTART_AFTER * 2 ** (restart - 1)
    return random.uniform(longest / 2, longest)
