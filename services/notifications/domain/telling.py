"""The order of telling (R0.8): head, then old and new speaker, then departments, then the feed.

A stage opens when the one before it is over: when each of its messages was accepted by the mail server, cannot be
delivered at all, or waits by rule for a school day or for the end of the receiver's week; or when it took longer than
the patience allows, and then the record says so.
"""

import enum
from dataclasses import dataclass
from datetime import timedelta

PATIENCE = timedelta(minutes=15)

FEED = "feed"  # who hears of public outcomes last
PEOPLE = "people"  # heads and speakers, who get messages


class Stage(enum.IntEnum):
    HEADS = 1
    SPEAKERS = 2
    DEPARTMENTS = 3
    FEED = 4  # everything is open


NAMES = {
    Stage.HEADS: "the head",
    Stage.SPEAKERS: "the old and the new speaker",
    Stage.DEPARTMENTS: "the departments",
    Stage.FEED: "the liaison feed",
}


class Why(enum.StrEnum):
    """Why the stage before was over."""

    NOBODY = "nobody-to-tell"
    TOLD = "told"
    BY_RULE = "waits-by-rule"
    FAILED = "cannot-be-delivered"
    PATIENCE = "without-it"


@dataclass(frozen=True)
class Progress:
    """How the messages of one stage of a story stand."""

    open: int = 0  # due, and not accepted yet
    by_rule: int = 0
    sent: int = 0
    failed: int = 0
    unread: bool = False  # not everything of which people are told has come yet
    out_of_patience: bool = False


def opens_with(audience: str) -> Stage | None:
    """The stage at which this audience is told; none for people, whose messages make the stages."""
    if audience == PEOPLE:
        return None
    return Stage.FEED if audience == FEED else Stage.DEPARTMENTS


def is_over(progress: Progress) -> Why | None:
    """Why this stage is over, or nothing while it is not. What is worst of its messages is named."""
    if progress.open or progress.unread:
        return Why.PATIENCE if progress.out_of_patience else None
    if progress.failed:
        return Why.FAILED
    if progress.by_rule:
        return Why.BY_RULE
    return Why.TOLD if progress.sent else Why.NOBODY


def sentence(opened: Stage, why: Why, patience: timedelta = PATIENCE) -> str:
    """The record of the opening, for the journey."""
    before = NAMES[Stage(opened - 1)]
    minutes = round(patience.total_seconds() / 60)
    because = {
        Why.NOBODY: f"nobody had to be told before: {before}",
        Why.TOLD: f"after {before} had been told",
        Why.BY_RULE: f"the e-mail to {before} waits by rule for a school day or the end of a week",
        Why.FAILED: f"no message can be delivered to {before}",
        Why.PATIENCE: f"opened without {before} after {minutes} minutes",
    }[why]
    return f"{NAMES[opened]}: {because}"
