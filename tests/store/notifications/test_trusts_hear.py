"""A trust that speaks for a school, or did, hears of it like any speaker: through its chief executive (R0.8)."""

from uuid import UUID, uuid4

import pytest

from shared.contracts.membership import SchoolTold, Speaker, TrustHears
from shared.messaging.cause import new_id
from shared.messaging.records import Record
from tests.store.notifications.conftest import DAY, OAK, key_of
from tests.store.notifications.mail import body_of
from tests.store.notifications.post import A_WEEK, ADDRESSES, CHAIR, HEAD, Post, of_speakers
from tests.store.notifications.test_api import Ask, ask

__all__ = ["ask"]

CHIEF, OTHER_CHIEF = uuid4(), uuid4()
A_CHAIR = Speaker(role="chair", person_id=CHAIR, rule="chair")
AS_CHIEF = Speaker(role="trust-chief-executive", trust_id="7001", person_id=CHIEF, rule="academy-chief-executive")


def trust(contact: UUID | None = CHIEF, trust_id: str = "7001") -> Speaker:
    return Speaker(role="trust", trust_id=trust_id, trust_contact_id=contact, rule="academy-3-4-trust")


async def begins(post: Post) -> None:
    await post.notifications.reads(
        post.person(CHIEF, "chief@larch.example"), post.person(OTHER_CHIEF, "chief@alder.example")
    )


def changed(
    post: Post,
    general: tuple[Speaker, Speaker],
    inspection: tuple[Speaker, Speaker] = (AS_CHIEF, AS_CHIEF),
    story: UUID | None = None,
    told: bool = True,
) -> Record:
    return post.changed(of_speakers(OAK, general, inspection), story=story, told=told)


async def test_a_trust_that_becomes_the_speaker_hears_after_the_head_and_so_does_the_chair_before(post: Post):
    """R0.8"""
    await begins(post)
    await post.notifications.reads(changed(post, (A_CHAIR, trust())))
    told = await post.delivers()
    assert told[0] == ADDRESSES[HEAD]
    assert sorted(told[1:]) == [ADDRESSES[CHAIR], "chief@larch.example"]


async def test_a_trust_that_is_the_speaker_no_longer_hears_that_it_is_not(post: Post):
    """R0.8"""
    await begins(post)
    await post.notifications.reads(changed(post, (trust(), A_CHAIR), (trust(), A_CHAIR)))
    assert "chief@larch.example" in await post.delivers()
    (mail,) = post.server.to("chief@larch.example")
    assert "your trust no longer speaks for School 100001" in body_of(mail).replace("\n", " ")


async def test_of_a_school_that_goes_from_trust_to_trust_both_hear(post: Post):
    """R0.8"""
    await begins(post)
    pair = (trust(), trust(OTHER_CHIEF, "7002"))
    await post.notifications.reads(changed(post, pair, pair))
    assert sorted((await post.delivers())[1:]) == ["chief@alder.example", "chief@larch.example"]
    (mail,) = post.server.to("chief@alder.example")
    assert "your trust speaks for School 100001" in body_of(mail).replace("\n", " ")


async def test_a_trust_hears_of_a_restricted_change_only_when_the_school_was_told(post: Post):
    """R0.8, I13"""
    await begins(post)
    story = new_id()
    await post.notifications.reads(changed(post, (A_CHAIR, trust()), story=story, told=False))
    assert await post.delivers() == []
    await post.notifications.reads(post.school_told(story))
    assert (await post.delivers())[0] == ADDRESSES[HEAD]
    assert post.server.to("chief@larch.example")


async def test_where_the_trust_speaks_as_before_another_chief_executive_changes_nothing_in_general(post: Post):
    """The head and both of them hear of the inspection alone."""
    await begins(post)
    after = AS_CHIEF.model_copy(update={"person_id": OTHER_CHIEF})
    await post.notifications.reads(changed(post, (trust(CHIEF), trust(OTHER_CHIEF)), (AS_CHIEF, after)))
    rows = await post.messages("person_id", "details ->> 'matters'")
    assert {person: matters for person, matters in rows} == dict.fromkeys((HEAD, CHIEF, OTHER_CHIEF), '["inspection"]')


async def test_nobody_is_written_to_twice_of_one_change(post: Post):
    """R0.8: neither whoever loses and gains, nor whoever is named for the trust and heads the school by now."""
    await begins(post)
    await post.notifications.reads(changed(post, (A_CHAIR, trust()), (trust(), A_CHAIR)))
    told = await post.delivers()
    assert len(told) == len(set(told)) == 3
    headed = changed(post, (A_CHAIR, trust(HEAD)))
    await post.today(DAY + A_WEEK)
    await post.notifications.reads(headed)
    assert sorted(await post.delivers()) == sorted([ADDRESSES[HEAD], ADDRESSES[CHAIR]])


def told(post: Post, story: UUID, trust_id: str = "7001", hears: UUID | None = OTHER_CHIEF, urn: str = OAK) -> Record:
    """The school is told on a day on which this person, or nobody, is written to for the trust."""
    said = SchoolTold(urn=urn, told_on=DAY, releases=[story], trusts=[TrustHears(trust_id=trust_id, person_id=hears)])
    return post.notifications.record_of(said, key_of(urn))


@pytest.mark.parametrize("word_first", [True, False])
async def test_of_what_waited_for_the_school_the_chief_executive_of_the_day_hears_and_not_the_former(
    post: Post, word_first: bool
):
    """R0.8: whoever speaks for the school may know of it, and the former chief executive speaks for it no more."""
    await begins(post)
    story = new_id()
    change, word = changed(post, (A_CHAIR, trust()), story=story, told=False), told(post, story)
    for record in (word, change) if word_first else (change, word):
        await post.notifications.reads(record)
    receivers = await post.delivers()
    assert receivers[0] == ADDRESSES[HEAD]
    assert sorted(receivers[1:]) == [ADDRESSES[CHAIR], "chief@alder.example"]
    (mail,) = post.server.to("chief@alder.example")
    assert "your trust speaks for School 100001" in body_of(mail).replace("\n", " ")


async def test_where_nobody_is_in_post_when_the_school_is_told_nobody_hears_for_the_trust(post: Post):
    """R0.8"""
    await begins(post)
    story = new_id()
    await post.notifications.reads(
        changed(post, (A_CHAIR, trust()), story=story, told=False), told(post, story, hears=None)
    )
    assert sorted((await post.delivers())[1:]) == [ADDRESSES[CHAIR]]


async def test_who_hears_for_a_trust_is_said_of_that_trust_that_school_and_that_story_alone(post: Post):
    """R0.8"""
    await begins(post)
    story, other = new_id(), new_id()
    await post.notifications.reads(
        changed(post, (A_CHAIR, trust()), story=story, told=False),
        told(post, story, trust_id="7002"),
        told(post, other),
        told(post, story, urn="100002"),
    )
    assert "chief@larch.example" in await post.delivers()
    assert not post.server.to("chief@alder.example")


async def test_before_the_school_is_told_the_officer_sees_that_whoever_is_in_post_by_now_would_hear(
    post: Post, ask: Ask
):
    """R0.8: not who was when the change was recorded; nobody, where nobody is."""
    story = new_id()
    await post.notifications.reads(changed(post, (A_CHAIR, trust()), story=story, told=False))
    for hears in (OTHER_CHIEF, None):
        asked = f"/schools/{OAK}/who-would-hear?story={story}&trust=7001:{hears or ''}"
        people = [UUID(each["person_id"]) for each in (await ask(asked)).json()["people"]]
        assert CHIEF not in people
        assert (OTHER_CHIEF in people) == (hears is not None)
    assert (await ask(f"/schools/{OAK}/who-would-hear?story={story}&trust=7001")).status_code == 422
