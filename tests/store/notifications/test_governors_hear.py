"""The chair of a school's governors hears with the head, before both speakers, if the officer says so (R0.8)."""

from uuid import UUID, uuid4

import pytest

from shared.contracts.membership import SchoolTold
from shared.messaging.cause import new_id
from shared.messaging.records import Record
from tests.store.notifications.conftest import DAY, OAK, key_of
from tests.store.notifications.mail import body_of
from tests.store.notifications.post import ADDRESSES, CHAIR, HEAD, LEADER, Post

GOVERNOR, ADDRESS = uuid4(), "governors@oak.example"


def told(post: Post, story: UUID, chair: UUID | None = GOVERNOR, urn: str = OAK) -> Record:
    said = SchoolTold(urn=urn, told_on=DAY, releases=[story], chair_of_governors_id=chair)
    return post.notifications.record_of(said, key_of(urn))


@pytest.mark.parametrize("word_first", [True, False])
async def test_the_chair_of_governors_hears_with_the_head_and_before_both_speakers(post: Post, word_first: bool):
    """R0.8: also where the officer's word overtakes the change."""
    story = new_id()
    change = post.reassigned(story=story, told=False)
    word = told(post, story)
    await post.notifications.reads(post.person(GOVERNOR, ADDRESS))
    for record in (word, change) if word_first else (change, word):
        await post.notifications.reads(record)
    receivers = await post.delivers()
    assert set(receivers[:2]) == {ADDRESSES[HEAD], ADDRESS}
    assert set(receivers[2:]) == {ADDRESSES[CHAIR], ADDRESSES[LEADER]}


async def test_the_word_and_the_change_may_be_read_in_one_batch(post: Post):
    story = new_id()
    await post.notifications.reads(
        post.person(GOVERNOR, ADDRESS), post.reassigned(story=story, told=False), told(post, story)
    )
    assert ADDRESS in await post.delivers()


async def test_where_the_officer_does_not_say_so_the_chair_of_governors_hears_nothing(post: Post):
    """R0.8"""
    story = new_id()
    await post.notifications.reads(post.person(GOVERNOR, ADDRESS), post.reassigned(story=story, told=False))
    await post.notifications.reads(told(post, story, None))
    receivers = await post.delivers()
    assert ADDRESS not in receivers
    assert len(receivers) == 3


async def test_she_hears_of_her_own_school_and_of_what_was_released_alone(post: Post):
    """R0.8: another school of the same story, and another story of the same school."""
    story, other = new_id(), new_id()
    await post.notifications.reads(
        post.person(GOVERNOR, ADDRESS),
        post.reassigned("100002", story=story, told=False),
        post.reassigned(story=other, told=False),
        told(post, story),
        told(post, other, None),
    )
    assert ADDRESS not in await post.delivers()


async def test_a_chair_of_governors_who_heads_the_school_or_speaks_for_it_is_written_to_once(post: Post):
    story = new_id()
    await post.notifications.reads(
        post.reassigned(story=story, told=False), told(post, story, HEAD), told(post, story, LEADER)
    )
    receivers = await post.delivers()
    assert sorted(receivers) == sorted(ADDRESSES.values())
    (mail,) = post.server.to(ADDRESSES[LEADER])
    assert "you speak for" in body_of(mail)


async def test_what_she_reads_names_neither_a_person_nor_a_reason_and_leads_to_no_page_that_she_cannot_open(post: Post):
    """R0.8, I13"""
    story = new_id()
    await post.notifications.reads(
        post.person(GOVERNOR, ADDRESS), post.reassigned(story=story, told=False), told(post, story)
    )
    await post.delivers()
    (mail,) = post.server.to(ADDRESS)
    body = body_of(mail).replace("\n", " ")
    assert mail["Subject"] == "Consortia: a change that concerns your school"
    assert "because you chair its governors" in body
    assert "The head speaks for the school as before" in body
    for word in ("http", "ategory", "system leader", "Invented", "Ofsted"):
        assert word not in body


async def test_a_chair_of_governors_who_cannot_be_written_to_keeps_the_speakers_waiting_for_nothing(post: Post):
    """R0.8"""
    story = new_id()
    await post.notifications.reads(
        post.person(GOVERNOR, ""), post.reassigned(story=story, told=False), told(post, story)
    )
    assert {ADDRESSES[CHAIR], ADDRESSES[LEADER]} <= set(await post.delivers())
    fates = {person: state for person, state in await post.messages("person_id", "state")}
    assert fates[GOVERNOR] == "failed"
