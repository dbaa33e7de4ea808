"""When a webhook or a message is tried again, and what its receiver's answer means (D3.9)."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

# The schedule of the Standard Webhooks specification: about three days from the first attempt to the last.
SCHEDULE: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)


class Outcome(enum.StrEnum):
    DELIVERED = "delivered"
    TRY_AGAIN = "try-again"
    PAUSE = "pause"  # the schedule is used up: the subscription waits for an officer
    DISABLE = "disable"  # the receiver said 410 Gone: it does not want to be called again


@dataclass(frozen=True)
class Decision:
    outcome: Outcome
    wait: timedelta | None = None


def decide(status: int | None, attempts: int, schedule: Sequence[timedelta] = SCHEDULE) -> Decision:
    """What follows an attempt, the `attempts`-th of this delivery, answered with `status` (None: no answer).

    Only a 2xx is a success. A redirect is a failure: following it would leave the vetted address.
    """
    if status is not None and 200 <= status < 300:
        return Decision(Outcome.DELIVERED)
    if status == 410:
        return Decision(Outcome.DISABLE)
    if attempts > len(schedule):
        return Decision(Outcome.PAUSE)
    return Decision(Outcome.TRY_AGAIN, schedule[attempts - 1])


class Fate(enum.StrEnum):
    """What becomes of a message to a person after an attempt."""

    ACCEPTED = "accepted"
    TRY_AGAIN = "try-again"
    FAILED = "failed"  # visibly, with its reason


@dataclass(frozen=True)
class Next:
    fate: Fate
    wait: timedelta | None = None


def after_attempt(*, accepted: bool, for_good: bool, attempts: int, schedule: Sequence[timedelta] = SCHEDULE) -> Next:
    """What follows the `attempts`-th attempt at a message.

    `for_good`: the server refused this receiver or this message and will refuse them again. Whatever else went wrong
    may pass.
    """
    if accepted:
        return Next(Fate.ACCEPTED)
    if for_good or attempts > len(schedule):
        return Next(Fate.FAILED)
    return Next(Fate.TRY_AGAIN, schedule[attempts - 1])
