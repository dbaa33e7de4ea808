"""An inspection call that reaches a desk reaches somebody, or it shows that it did not (W-16, R0.3)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import person_key
from shared.contracts.membership import PersonRecorded, desk_id
from shared.messaging.records import Record
from tests.store.notifications.conftest import WARWICKSHIRE
from tests.store.notifications.mail import body_of
from tests.store.notifications.post import ADDRESSES, LEADER, Post

DUTY_DESK, IMPROVEMENT_DESK = "duty-desk", "improvement-desk"
MAILBOX = "duty@council.example"


def desk(post: Post, mailbox: str = MAILBOX, name: str = DUTY_DESK, telephone: str | None = None) -> Record:
    known = desk_id(WARWICKSHIRE, name)
    said = PersonRecorded(person_id=known, name=name, email=mailbox, telephone=telephone)
    return post.notifications.record_of(said, person_key(WARWICKSHIRE, known))


def tombstone(post: Post, person: UUID) -> Record:
    record = post.person(person)
    return Record(record.topic, 0, record.offset, record.key, None, record.headers)


@pytest.mark.parametrize("role", [DUTY_DESK, IMPROVEMENT_DESK])
async def test_a_desk_with_no_named_officer_is_written_to_at_its_own_mailbox(post: Post, role: str):
    """W-16, R0.3"""
    await post.notifications.reads(desk(post, name=role), post.asked(None, role))
    assert await post.delivers() == [MAILBOX]


async def test_the_officer_of_the_day_hears_of_it_and_so_does_the_desk_which_somebody_else_may_look_after(post: Post):
    """W-16, R0.3"""
    await post.notifications.reads(desk(post), post.asked(LEADER, DUTY_DESK))
    told = await post.delivers()
    assert {MAILBOX, ADDRESSES[LEADER]} <= set(told)


async def test_a_desk_has_its_text_at_its_telephone(post: Post):
    """W-16"""
    await post.notifications.reads(desk(post, telephone="01632 960001"), post.asked(None, DUTY_DESK))
    assert sorted(await post.delivers()) == ["01632960001@texts.example", MAILBOX]


async def test_the_duty_desk_is_asked_to_find_somebody_and_not_to_ring_itself(post: Post):
    """W-16: it is the last in line and can't say that it cannot."""
    await post.notifications.reads(desk(post, telephone="01632 960001"), post.asked(None, DUTY_DESK))
    await post.delivers()
    mail, text = sorted(post.server.mails, key=lambda mail: str(mail["X-Consortia-Kind"]))
    assert "find somebody" in body_of(mail)
    assert "100001" not in mail["Subject"]
    assert "100001" not in body_of(text)
    assert "ring the council's duty desk" not in (body_of(mail) + body_of(text)).lower()


@pytest.mark.parametrize(
    ("telephone", "says"),
    [
        ("01632 960001", "the council's duty desk on 01632 960001"),
        (None, "the council's school improvement officer (no number of its duty desk is kept here)"),
    ],
)
async def test_as_long_as_there_are_no_pages_whoever_is_asked_reads_which_number_to_ring(
    post: Post, telephone: str | None, says: str
):
    """W-16: in the e-mail and in the text, as the desk is reached when they go."""
    await post.notifications.reads(desk(post, telephone="01632 960099"), post.asked(LEADER))
    await post.notifications.reads(desk(post, telephone=telephone))
    await post.delivers(post.messenger(pages_url=""))
    assert len(post.server.mails) == 2
    for mail in post.server.mails:
        assert says in body_of(mail).replace("\n", " ")


async def test_a_desk_whose_mailbox_becomes_known_after_the_call_is_written_to_then(post: Post):
    """W-16: the two topics are read each at its own pace, and an officer may mend what was missing."""
    await post.notifications.reads(post.asked(None, DUTY_DESK))
    first = post.messenger(message_retry_seconds="3600")
    assert await post.delivers(first) == []
    await post.notifications.reads(desk(post))
    await post.notifications.rows("update letter set due_at = clock_timestamp()")
    assert await post.delivers(first) == [MAILBOX]


@pytest.mark.parametrize("role", ["chair", DUTY_DESK, IMPROVEMENT_DESK, "something-new"])
@pytest.mark.parametrize("named", ["nobody", "known", "unknown", "erased", "without an address"])
@pytest.mark.parametrize("mailbox", ["known", "none", "refused"])
async def test_no_call_is_without_somebody_who_was_reached_or_a_row_that_says_why_not(
    post: Post, role: str, named: str, mailbox: str
):
    """W-16, R0.3"""
    person = None if named == "nobody" else uuid4()
    before: list[Record] = []
    if person is not None and named != "unknown":
        before.append(
            post.person(person, "" if named == "without an address" else "she@council.example", telephone=None)
        )
    if person is not None and named == "erased":
        before.append(tombstone(post, person))
    if mailbox != "none":
        name = role if role == IMPROVEMENT_DESK else DUTY_DESK
        before.append(desk(post, name=name))
    if mailbox == "refused":
        post.server.answer_rcpt = lambda address: "550 no such mailbox" if address == MAILBOX else "250 OK"
    await post.notifications.reads(*before, post.asked(person, role))
    reached = await post.delivers()
    rows: list[tuple[Any, ...]] = await post.messages("state", "reason", "urgent")
    assert rows, "a call of which nothing is to be seen"
    assert all(urgent for _, _, urgent in rows)
    assert reached or all(state == "failed" and reason for state, reason, _ in rows)
    could = (named == "known") or (mailbox == "known" and (role in (DUTY_DESK, IMPROVEMENT_DESK) or person is None))
    assert bool(reached) == could
