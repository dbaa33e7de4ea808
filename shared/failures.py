"""What a failure of the database says: that it is away, that others are in the way, or that the question was wrong."""

import random

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

RESTARTED = {"40P01", "40001"}  # deadlock detected, serialisation failure
RESTARTS = 3
RESTART_AFTER = 0.02  # seconds at most before the first restart, doubled before each further one


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five-character code behind an error, if there is one."""
    found: BaseException | None = error
    while found is not None:
        code = getattr(found, "sqlstate", None) or getattr(getattr(found, "orig", None), "sqlstate", None)
        if code:
            return str(code)
        found = found.__cause__
    return None


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


def pause_before(restart: int) -> float:
    """Seconds: restarted at once, a unit takes back the row that the other is just being woken for, and both meet again."""
    longest = RESTART_AFTER * 2 ** (restart - 1)
    return random.uniform(longest / 2, longest)
