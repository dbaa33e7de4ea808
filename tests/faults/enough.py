"""Whether enough was there to judge: what was never looked at, and what is not there at all, is not what is right.

For the books it is in `books.py`. A run is asked for this; the tests of single checkers are not.
"""

from collections.abc import Iterator

from infra.local.ports import SERVICES
from tests.faults.ends import STARTS
from tests.faults.final import Final
from tests.faults.history import FAILED, OK, History
from tests.faults.must_read import MEMBERSHIP, TOPICS
from tests.faults.told import ChangeSaid

A_WHILE = 60.0  # seconds from which on a run must have had every kind of effect
SELDOM = 20.0  # seconds between two looks of a kind, on the average of a run: services are away for a part of it
UNTOLD = 5  # changes that the council keeps to itself, from which on somebody must have been seen to follow one

Finding = tuple[str, str]


def findings(history: History, final: Final) -> Iterator[Finding]:
    for service in TOPICS:
        if not any(table.before for table in final.rebuilt.get(service, ())):
            yield "I7", f"no projection of {service} with a row in it was rebuilt"
    yield from _who_ended(history)
    yield from _who_speaks(history, final)
    yield from _who_may_know(history)
    if _lasted(history) >= A_WHILE:
        yield from _effects(history, final)


def _who_ended(history: History) -> Iterator[Finding]:
    """Of whom no start was told no end would be either."""
    told = next((each.found for each in history.seen if each.what == STARTS), {})
    for service in SERVICES:
        if not told.get(service):
            yield "I10", f"no start of {service} was told of, so its end would not be either"


def _who_speaks(history: History, final: Final) -> Iterator[Finding]:
    if not any(final.must_speak.values()) or not any(final.speakers.values()):
        yield "I12", "nobody speaks for any school, so no answer was compared"
    yield from _seldom("I12", "who speaks was asked", sum(each.what == "who-speaks" for each in history.seen), history)


def _who_may_know(history: History) -> Iterator[Finding]:
    seen = [each.found for each in history.seen if each.what == "reader"]
    shut = sum(not each["may"] for each in seen)
    yield from _seldom("I13", "doors that are shut were tried", shut, history)
    pages = sum(each.what == "feed" for each in history.seen)
    yield from _seldom("I13", "the feed was read", pages, history)
    told = sum(each.outcome == OK for each in history.of("told"))
    untold = sum(each.outcome == OK for each in history.of("entry")) - told
    if untold >= UNTOLD and not any(each["may"] for each in seen):
        yield "I13", f"{untold} changes were kept from departments, and nobody was seen to follow one"


def _effects(history: History, final: Final) -> Iterator[Finding]:
    """Of each kind of effect there was one: where there is none nothing could be missing, doubled or out of order."""
    changes = (isinstance(each.said, ChangeSaid) for each in final.topics.get(MEMBERSHIP, ()))
    for invariant, words, there in (
        ("I1", "no change of who speaks could be read", any(changes)),
        ("I1", "no school has a group with a meeting to come", bool(final.with_a_group)),
        ("I1", "nothing is on any agenda", any(final.agenda.values())),
        ("I1", "no letter was sent", any(each.state == "sent" for each in final.letters.values())),
        ("I1", "no webhook was delivered", any(each.state == "delivered" for each in final.deliveries)),
        ("I1", "the feed is empty", bool(final.feed)),
        ("I4", "nothing was refused", any(each.outcome == FAILED for each in history.operations)),
        (
            "I11",
            "nothing was asked twice and answered twice",
            any(len(each.answers) > 1 for each in history.operations),
        ),
    ):
        if not there:
            yield invariant, words


def _seldom(invariant: str, words: str, times: int, history: History) -> Iterator[Finding]:
    lasted = _lasted(history)
    if times < max(1, lasted / SELDOM):
        yield invariant, f"{words} {times} times in {lasted:.0f} s"


def _lasted(history: History) -> float:
    """Seconds from the first request to the last."""
    asked = [each.began for each in history.operations]
    return max(asked, default=0.0) - min(asked, default=0.0)
