"""One e-mail a week a person, counted from the day on which it went and not from the day on which it was made (R0.9)."""

from datetime import date, timedelta

import pytest

from shared.contracts.membership import HeadshipEnded
from tests.store.notifications.conftest import DAY, OAK, key_of
from tests.store.notifications.mail import body_of
from tests.store.notifications.post import A_WEEK, ADDRESSES, CHAIR, HEAD, LEADER, Post

LAST_OF_JULY, AUGUST, SEPTEMBER = date(2026, 7, 20), date(2026, 8, 5), date(2026, 9, 1)
THURSDAY = DAY + timedelta(days=3)
IN_AN_HOUR = {"message_retry_seconds": ",".join(["3600"] * 5)}


async def changes(post: Post) -> None:
    """Of which the head alone hears."""
    await post.notifications.reads(post.reassigned(before=None, after=None))


async def cannot_go(post: Post) -> None:
    """The mail server is busy, and is asked again in an hour."""
    post.server.answer_data = lambda mail: "451 later"
    assert await post.delivers(post.messenger(**IN_AN_HOUR)) == []
    post.server.answer_data = lambda mail: "250 OK"


async def an_hour_passes(post: Post) -> None:
    await post.notifications.rows("update letter set due_at = clock_timestamp() where state = 'pending'")


async def test_of_an_e_mail_that_waited_over_the_holidays_and_what_came_meanwhile_one_goes_a_week(post: Post):
    """R0.9: the mail server was away on the last day of school, and both would go on the first day of September."""
    await post.today(LAST_OF_JULY)
    await changes(post)
    await cannot_go(post)
    await post.today(AUGUST)
    await changes(post)
    assert await post.delivers() == []
    await an_hour_passes(post)
    await post.today(SEPTEMBER)
    assert await post.delivers() == [ADDRESSES[HEAD]]
    await post.today(SEPTEMBER + timedelta(days=6))
    assert await post.delivers() == []
    await post.today(SEPTEMBER + A_WEEK)
    assert await post.delivers() == [ADDRESSES[HEAD]]


async def test_the_week_begins_on_the_day_on_which_her_e_mail_was_accepted(post: Post):
    """R0.9: made on Monday, accepted on Thursday."""
    await changes(post)
    await cannot_go(post)
    await post.today(DAY + timedelta(days=1))
    await changes(post)
    await an_hour_passes(post)
    await post.today(THURSDAY)
    assert await post.delivers() == [ADDRESSES[HEAD]]
    await post.today(DAY + A_WEEK)
    assert await post.delivers() == []
    await post.today(THURSDAY + A_WEEK)
    assert await post.delivers() == [ADDRESSES[HEAD]]


async def test_while_her_e_mail_cannot_go_what_comes_is_gathered_for_the_one_after_it(post: Post):
    """R0.9: however long it takes."""
    await changes(post)
    await cannot_go(post)
    for days in (1, 8, 15):
        await post.today(DAY + timedelta(days=days))
        await changes(post)
        assert await post.delivers() == []
    assert len(await post.notifications.rows("select from letter")) == 1
    await an_hour_passes(post)
    assert await post.delivers() == [ADDRESSES[HEAD]]
    await post.today(DAY + timedelta(days=15) + A_WEEK)
    assert await post.delivers() == [ADDRESSES[HEAD]]
    assert body_of(post.server.mails[-1]).count("another person or office speaks") == 3


@pytest.mark.parametrize("on", [DAY + timedelta(days=1), DAY + timedelta(days=5)])
async def test_what_waited_for_an_e_mail_that_is_given_up_waits_for_no_week(post: Post, on: date):
    """R0.9: what could not be delivered counts for nothing. On a Saturday it waits for Monday, as everything does."""
    await changes(post)
    await cannot_go(post)
    await post.today(DAY + timedelta(days=1))
    await changes(post)
    await an_hour_passes(post)
    post.server.answer_data = lambda mail: "554 not this one"
    messenger = post.messenger()
    await messenger.look()
    await messenger.settle()
    post.server.answer_data = lambda mail: "250 OK"
    await post.today(on)
    assert await post.delivers() == ([ADDRESSES[HEAD]] if on.weekday() < 5 else [])
    await post.today(DAY + A_WEEK)
    assert (len(post.server.to(ADDRESSES[HEAD])) + len(await post.delivers())) == 1


async def test_what_waits_behind_an_e_mail_that_is_for_her_no_longer_waits_for_no_week(post: Post):
    """R0.9: it told of a school that she does not head any more, and never went."""
    await changes(post)
    await cannot_go(post)
    await post.today(DAY + timedelta(days=1))
    await post.notifications.reads(post.reassigned("100002", before=None, after=HEAD))
    assert await post.delivers() == []
    left = HeadshipEnded(urn=OAK, person_id=HEAD, from_date=date(2020, 9, 1), ended_on=THURSDAY)
    await post.notifications.reads(post.notifications.record_of(left, key_of()))
    await an_hour_passes(post)
    await post.today(THURSDAY)
    assert await post.delivers() == [ADDRESSES[HEAD]]


async def test_what_waits_behind_her_e_mail_keeps_the_others_of_its_change_waiting_for_nothing(post: Post):
    """R0.8: it waits by rule."""
    await changes(post)
    await cannot_go(post)
    await post.notifications.reads(post.reassigned())
    assert sorted(await post.delivers()) == sorted([ADDRESSES[CHAIR], ADDRESSES[LEADER]])
