"""A headship, or a post at a trust, that begins, ends or was entered wrongly (W-16, R0.4).

Neither has an id: who is in post is named by the school or the trust, and a day.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from services.membership.domain.appointment import Headship, TrustContact, must_not_overlap
from services.membership.domain.office import Correction, NothingToCorrect
from shared.refusal import Invalid, NotFound, Refusal

Post = TypeVar("Post", Headship, TrustContact)

HEADSHIP_CURE = "end it first (`consortia headship end`), or correct its dates"
CONTACT_CURE = "end it first (`consortia trust-contact end`), or correct its dates"


class NobodyInPost(NotFound):
    def __init__(self, what: str, on: date):
        super().__init__(f"{what} has no holder on {on:%-d %B %Y}")


class PostEndsTooSoon(Invalid):
    def __init__(self, what: str, from_date: date, until: date):
        super().__init__(
            f"{what} begins on {from_date:%-d %B %Y} and can't end on {until:%-d %B %Y}: enter the first day on which it "
            "is no longer so. If it began on another day, correct it; if it never was, withdraw it"
        )


class PostEndedAlready(Refusal):
    def __init__(self, what: str, until: date):
        super().__init__(f"{what} ended on {until:%-d %B %Y}: if that is wrong, correct it")


def words_of(post: Headship | TrustContact) -> str:
    if isinstance(post, Headship):
        return f"The headship of {post.urn} by {post.person_id}"
    return f"The post of {post.post} of trust {post.trust_id}"


def name_of(post: Headship | TrustContact) -> str:
    """How a correction names what it corrected: as it had been entered."""
    if isinstance(post, Headship):
        return f"{post.person_id}/{post.urn}/{post.from_date}"
    return f"{post.trust_id}/{post.post}/{post.from_date}"


def on_day(posts: Iterable[Post], day: date, what: str) -> Post:
    """The one that holds on that day."""
    found = next((each for each in posts if each.holds_on(day)), None)
    if found is None:
        raise NobodyInPost(what, day)
    return found


def end(posts: Iterable[Post], ended_on: date, what: str) -> tuple[Post, Post]:
    """The one that runs on that day, and as it is once it ends: ``ended_on`` is the first day no longer in post."""
    held = sorted(posts, key=lambda each: each.from_date)
    begun = [each for each in held if each.from_date < ended_on]
    if not begun:
        if held:
            raise PostEndsTooSoon(what, held[0].from_date, ended_on)
        raise NobodyInPost(what, ended_on)
    last = begun[-1]
    if last.until is not None and last.until <= ended_on:
        raise PostEndedAlready(what, last.until)
    return last, replace(last, until=ended_on)


def correct(others: Iterable[Post], post: Post, correction: Correction) -> Post:
    """The post as it really was held, by the same rules as if it had been entered so."""
    right = replace(
        post,
        person_id=correction.person_id or post.person_id,
        from_date=correction.from_date or post.from_date,
        until=None if correction.no_end else correction.until or post.until,
    )
    if right == post:
        raise NothingToCorrect
    return begin(others, right, "correct that one first")


def begin(others: Iterable[Post], new: Post, cure: str) -> Post:
    """Somebody comes to hold the post; ``cure``: what to do where it is held already."""
    if new.until is not None and new.until <= new.from_date:
        raise PostEndsTooSoon(words_of(new), new.from_date, new.until)
    held = list(others)
    held.append(new)
    must_not_overlap(((words_of(each), each.from_date, each.until) for each in held), cure)
    return new
