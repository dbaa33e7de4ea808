"""A desk of the council that comes to speak for a school is alerted, at once (W-17, W-18)."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from shared.contracts.membership import RepresentationAsToldChanged, RepresentationReassigned, Speaker
from shared.messaging.cause import new_id
from shared.messaging.records import Record
from tests.store.notifications.conftest import DAY, OAK
from tests.store.notifications.mail import body_of
from tests.store.notifications.post import ADDRESSES, CHAIR, HEAD, LEADER, Post, of_speakers
from tests.store.notifications.test_calls_at_a_desk import IMPROVEMENT_DESK, MAILBOX, desk
from tests.store.notifications.test_in_pieces import marked

SUNDAY, ELM = DAY + timedelta(days=6), "100002"
A_CHAIR = Speaker(role="chair", person_id=CHAIR, rule="chair")
A_LEADER = Speaker(role="system-leader", person_id=LEADER, rule="maintained-3-4")
NOBODY_ALLOCATED = Speaker(role="duty-desk", rule="maintained-unallocated")
NO_OFFICERS = Speaker(role="duty-desk", rule="no-officers")


def change(
    post: Post,
    general: tuple[Speaker | None, Speaker],
    inspection: tuple[Speaker | None, Speaker] | None = None,
    *,
    urn: str = OAK,
    story: UUID | None = None,
    told: bool = True,
    as_told: bool = False,
) -> Record:
    """Of both matters, unless something else is said of inspection."""
    kind = RepresentationAsToldChanged if as_told else RepresentationReassigned
    data = of_speakers(urn, general, inspection or general, kind=kind, cause="allocation")
    return post.changed(data, story=story, told=told)


@pytest.mark.parametrize("before", [A_CHAIR, A_LEADER, None])
@pytest.mark.parametrize("after", [NO_OFFICERS, NOBODY_ALLOCATED])
async def test_a_duty_desk_that_comes_to_speak_is_alerted_once(post: Post, before: Speaker | None, after: Speaker):
    """W-17: chair and deputy vacant; W-18: nobody is allocated."""
    record = change(post, (before, after))
    await post.notifications.reads(desk(post), record, record)
    await post.notifications.reads(record)
    assert (await post.delivers()).count(MAILBOX) == 1
    assert await post.delivers() == []
    (mail,) = post.server.to(MAILBOX)
    assert mail["Subject"] == "Consortia: a change that concerns the duty desk"
    body = body_of(mail).replace("\n", " ")
    assert "the council's duty desk speaks for School 100001 (URN 100001) on general matters and when it is" in body
    for word in ("ategory", "system leader", "Invented", "Ofsted", "once a week"):
        assert word not in body


async def test_the_desk_knows_of_a_restricted_change_at_once_and_hears_nothing_more_when_the_school_is_told(post: Post):
    """W-18, R0.8: it is the council's own; head and speakers wait for the school."""
    story = new_id()
    await post.notifications.reads(desk(post), change(post, (A_LEADER, NOBODY_ALLOCATED), story=story, told=False))
    assert await post.delivers() == [MAILBOX]
    await post.notifications.reads(post.school_told(story))
    assert sorted(await post.delivers()) == sorted([ADDRESSES[HEAD], ADDRESSES[LEADER]])


@pytest.mark.parametrize("day", [SUNDAY, date(2026, 8, 5)])
async def test_the_desk_is_alerted_on_any_day_and_in_any_week(post: Post, day: date):
    """W-18: also in one in which it was alerted already."""
    await post.today(day)
    await post.notifications.reads(desk(post), change(post, (A_LEADER, NOBODY_ALLOCATED)))
    assert await post.delivers() == [MAILBOX]
    await post.notifications.reads(change(post, (A_LEADER, NOBODY_ALLOCATED), urn=ELM))
    assert await post.delivers() == [MAILBOX]


@pytest.mark.parametrize(
    ("general", "inspection"),
    [
        ((NO_OFFICERS, NOBODY_ALLOCATED), (A_CHAIR, A_LEADER)),  # the same desk speaks, by another rule
        ((NO_OFFICERS, A_CHAIR), (NO_OFFICERS, A_CHAIR)),
        ((A_CHAIR, A_LEADER), (A_CHAIR, A_LEADER)),
    ],
)
async def test_a_desk_that_speaks_as_before_or_no_longer_is_not_alerted(
    post: Post, general: tuple[Speaker, Speaker], inspection: tuple[Speaker, Speaker]
):
    await post.notifications.reads(desk(post), change(post, general, inspection))
    assert MAILBOX not in await post.delivers()


async def test_it_reads_of_the_matters_alone_on_which_it_did_not_speak(post: Post):
    """R0.3"""
    await post.notifications.reads(desk(post), change(post, (A_CHAIR, A_CHAIR), (A_CHAIR, NO_OFFICERS)))
    await post.delivers()
    (mail,) = post.server.to(MAILBOX)
    assert "duty desk speaks for School 100001 (URN 100001) when it is inspected" in body_of(mail).replace("\n", " ")
    assert "on general matters" not in body_of(mail)


async def test_what_only_the_school_takes_for_true_alerts_no_desk(post: Post):
    """R0.8: the desk is told who really speaks."""
    await post.notifications.reads(desk(post), change(post, (A_CHAIR, NO_OFFICERS), as_told=True))
    assert MAILBOX not in await post.delivers()


async def test_of_a_body_whose_offices_are_vacant_the_desk_has_one_letter_and_not_one_a_school(post: Post):
    """W-17: what is read together of one story."""
    story = new_id()
    changes = [change(post, (A_CHAIR, NO_OFFICERS), urn=urn, story=story) for urn in (OAK, ELM)]
    await post.notifications.reads(desk(post), *changes)
    assert (await post.delivers()).count(MAILBOX) == 1
    (mail,) = post.server.to(MAILBOX)
    assert OAK in body_of(mail)
    assert ELM in body_of(mail)
    assert "once a week" not in body_of(mail)


async def test_of_many_schools_that_come_to_a_desk_together_it_has_one_letter_whatever_made_them(post: Post):
    """W-17: a day on which a policy begins is a story for each school; five hundred urgent letters would stand in the way of a
    call."""
    first, second = (change(post, (A_CHAIR, NO_OFFICERS), urn=urn) for urn in (OAK, ELM))
    await post.notifications.reads(desk(post), first)
    await post.notifications.reads(second)  # a moment later, in another batch
    assert (await post.delivers()).count(MAILBOX) == 1


async def test_the_desk_is_alerted_though_others_are_yet_to_be_read_of_the_same_story(post: Post):
    """W-17: it is in no order of telling, so it waits for no head of another school."""
    story = new_id()
    changes = marked(*(change(post, (A_CHAIR, NO_OFFICERS), urn=urn, story=story) for urn in (OAK, ELM)))
    await post.notifications.reads(desk(post), changes[0])
    assert MAILBOX in await post.delivers()


async def test_a_school_improvement_desk_that_comes_to_speak_is_alerted_at_its_own_mailbox(post: Post):
    """R0.3: where the policy gives it the school."""
    speaks = Speaker(role=IMPROVEMENT_DESK, rule="maintained-desk")
    await post.notifications.reads(desk(post, name=IMPROVEMENT_DESK), change(post, (A_CHAIR, speaks)))
    assert MAILBOX in await post.delivers()
    (mail,) = post.server.to(MAILBOX)
    assert mail["Subject"] == "Consortia: a change that concerns the school improvement desk"


async def test_without_pages_the_desk_reads_where_the_reason_is_found(post: Post):
    await post.notifications.reads(desk(post), change(post, (A_CHAIR, NO_OFFICERS)))
    await post.delivers(post.messenger(pages_url=""))
    (mail,) = post.server.to(MAILBOX)
    assert "Why, an officer of the council can look up." in body_of(mail).replace("\n", " ")
    assert "http" not in body_of(mail)


async def test_a_desk_of_which_no_mailbox_is_known_has_a_row_that_says_so(post: Post):
    """W-18: it may become known while it is tried again."""
    await post.notifications.reads(change(post, (None, NO_OFFICERS)))
    await post.delivers()
    rows = [each for each in await post.messages("kind", "state", "reason") if each[0] == "desk-speaks"]
    assert rows == [("desk-speaks", "failed", "no person or desk is known under this id yet")]
