"""Who hears what was made for somebody in a post, on the day on which it may go at last (R0.8)."""

from datetime import date
from uuid import UUID

import pytest

from services.notifications.domain.in_post import CHIEF_EXECUTIVE, Held, Line, Named, hear_now, hears_for

PARTNER = "school-improvement-partner"
ADA, BEA, CLEO = (UUID(int=number) for number in (1, 2, 3))
EARLIER, LATER, LATEST = (
    UUID(int=number) for number in (11, 12, 13)
)  # events, in the order in which they were recorded
LONG_AGO, JULY, SEPTEMBER = date(2020, 9, 1), date(2026, 7, 22), date(2026, 9, 1)


def held(person: UUID, post: str = CHIEF_EXECUTIVE, since: date = LONG_AGO, until: date | None = None) -> Held:
    return Held(person, since, until, post)


def line(*everybody: Held, told_as: UUID = EARLIER) -> Line:
    return Line(told_as, everybody)


HAND_OVER = line(held(ADA, until=SEPTEMBER), held(BEA, since=SEPTEMBER))


@pytest.mark.parametrize(
    ("posts", "heads", "hears"),
    [
        (line(held(ADA), held(BEA, PARTNER)), (), {ADA}),
        (line(held(BEA, PARTNER), held(ADA)), (), {ADA}),
        (line(held(BEA, PARTNER), held(ADA, until=JULY)), (), {BEA}),
        (line(held(ADA), held(BEA, PARTNER)), (ADA,), {BEA}),
        (line(held(ADA)), (ADA,), set()),
        (line(), (), set()),
        (line(held(ADA, since=SEPTEMBER)), (), set()),
        (line(held(ADA, until=JULY), held(BEA, since=JULY)), (), {BEA}),
        (line(held(BEA, PARTNER, JULY), held(CLEO, PARTNER)), (), {CLEO}),
    ],
    ids=[
        "the chief executive", "in whatever order", "else the partner", "not whoever heads the school", "nobody but her",
        "a vacant post", "one that is to come", "from her first day on", "the one who is there longer",
    ],
)  # fmt: skip
def test_for_a_trust_its_chief_executive_hears_or_else_its_partner_but_for_whoever_heads_the_school(
    posts: Line, heads: tuple[UUID, ...], hears: set[UUID]
):
    assert hears_for(posts, heads, JULY) == hears


@pytest.mark.parametrize(("day", "hears"), [(JULY, ADA), (SEPTEMBER, BEA)])
def test_what_was_made_for_a_chief_executive_who_is_to_leave_is_her_successors_from_that_day_on(day: date, hears: UUID):
    """Though both were known when it was made."""
    assert hear_now(HAND_OVER, (), Named(ADA, LATER, JULY), day) == {hears}


def test_a_later_word_than_the_one_that_named_her_counts():
    assert hear_now(line(held(BEA), told_as=LATEST), (), Named(ADA, LATER, JULY), JULY) == {BEA}


def test_an_earlier_word_that_has_another_on_that_day_is_not_the_last_and_she_keeps_what_is_hers():
    """What named her was read before the line in which she is, which comes under another key."""
    assert hear_now(line(held(BEA)), (), Named(ADA, LATER, JULY), SEPTEMBER) is None


def test_whoever_headed_the_school_on_the_day_is_reckoned_with():
    """The partner was named, since the chief executive headed the school; in September she does no longer."""
    posts, heads = line(held(ADA), held(BEA, PARTNER)), [Held(ADA, LONG_AGO, SEPTEMBER)]
    named = Named(BEA, LATER, JULY)
    assert hear_now(posts, heads, named, JULY) == {BEA}
    assert hear_now(posts, heads, named, SEPTEMBER) == {ADA}


def test_where_nothing_was_told_of_a_post_it_stays_with_whom_it_was_made_for():
    assert hear_now(None, (), Named(ADA, LATER, JULY), SEPTEMBER) is None


def test_of_an_older_message_that_does_not_say_who_named_her_the_line_counts():
    assert hear_now(line(held(BEA)), (), Named(ADA, None, None), SEPTEMBER) == {BEA}
