"""What was made for a chair of governors or for a trust, and had to wait, goes to whoever is in post by then (R0.8)."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.notifications.use_cases.in_post import pass_on_to_whoever_is_in_post
from shared.contracts.envelope import trust_key
from shared.contracts.membership import (
    ChairsOfGovernorsRecorded,
    HeadshipBegan,
    InTheChair,
    SchoolTold,
    Speaker,
    TrustContactsRecorded,
    TrustHears,
    TrustPost,
)
from shared.messaging.cause import new_id
from shared.messaging.records import Record
from tests.store.notifications.conftest import DAY, OAK, WARWICKSHIRE, key_of
from tests.store.notifications.mail import body_of
from tests.store.notifications.post import ADDRESSES, HEAD, Post, of_speakers
from tests.store.notifications.test_api import Ask, ask

__all__ = ["ask"]

FORMER, FOLLOWER, PARTNER = uuid4(), uuid4(), uuid4()
TO = {FORMER: "former@larch.example", FOLLOWER: "follower@larch.example", PARTNER: "partner@larch.example"}
LONG_AGO, JULY, SEPTEMBER = date(2020, 9, 1), date(2026, 7, 22), date(2026, 9, 1)
TUESDAY = DAY + timedelta(days=1)
CHIEF, SIP = "chief-executive", "school-improvement-partner"
IMPROVER = Speaker(role="improvement-desk", rule="a desk")
LARCH = "7001"

Days = tuple[UUID, date, date | None]


def trust(person: UUID | None = FORMER) -> Speaker:
    return Speaker(role="trust", trust_id=LARCH, trust_contact_id=person, rule="academy-3-4-trust")


def contacts(post: Post, *held: tuple[str, UUID, date, date | None]) -> Record:
    line = [TrustPost(post=each, person_id=who, from_date=since, until=until) for each, who, since, until in held]
    data = TrustContactsRecorded(trust_id=LARCH, contacts=line)
    return post.notifications.record_of(data, trust_key(WARWICKSHIRE, LARCH))


def chairs(post: Post, *held: Days) -> Record:
    line = [InTheChair(person_id=who, from_date=since, until=until) for who, since, until in held]
    return post.notifications.record_of(ChairsOfGovernorsRecorded(urn=OAK, chairs=line), key_of())


class OfATrust:
    """Its chief executive is to hear that it comes to speak for the school."""

    why = "hears for the trust no longer"

    @staticmethod
    def line(post: Post, *held: Days) -> Record:
        return contacts(post, *((CHIEF, *each) for each in held))

    @staticmethod
    def change(post: Post) -> Sequence[Record]:
        return [post.changed(of_speakers(OAK, (IMPROVER, trust()), (IMPROVER, IMPROVER)))]


class OfGovernors:
    """Their chair is to hear with the head, as the officer said."""

    why = "chairs its governors no longer"
    line = staticmethod(chairs)

    @staticmethod
    def change(post: Post) -> Sequence[Record]:
        story = new_id()
        told = SchoolTold(urn=OAK, told_on=DAY, releases=[story], chair_of_governors_id=FORMER)
        data = of_speakers(OAK, (IMPROVER, trust(None)), (IMPROVER, IMPROVER))
        return [post.changed(data, story=story, told=False), post.notifications.record_of(told, key_of())]


Hearing = type[OfATrust] | type[OfGovernors]
hearings = pytest.mark.parametrize("hearing", [OfATrust, OfGovernors])


async def begins(post: Post, *lines: Record) -> None:
    await post.notifications.reads(*(post.person(each, address) for each, address in TO.items()), *lines)


async def fates(post: Post) -> dict[UUID, tuple[str, str | None]]:
    rows = await post.messages("person_id", "state", "reason")
    return {person: (state, reason) for person, state, reason in rows if person in TO}


async def goes_again(post: Post) -> None:
    post.server.answer_data = lambda mail: "250 OK"
    await post.notifications.rows("update letter set due_at = clock_timestamp()")


def of(receivers: Sequence[str]) -> list[str]:
    return sorted(each for each in receivers if each in TO.values())


@hearings
@pytest.mark.parametrize("known_in_july", [True, False])
async def test_of_what_waited_over_the_summer_whoever_is_in_post_in_september_hears_and_not_who_was(
    post: Post, hearing: Hearing, known_in_july: bool
):
    """R0.8, R0.9: also where it was known in July, when the message was made, that she would leave."""
    hand_over = [(FORMER, LONG_AGO, SEPTEMBER), (FOLLOWER, SEPTEMBER, None)]
    await post.today(JULY)
    await begins(
        post, hearing.line(post, *hand_over) if known_in_july else hearing.line(post, (FORMER, LONG_AGO, None))
    )
    await post.notifications.reads(*hearing.change(post))
    assert await post.delivers() == []
    if not known_in_july:
        await post.notifications.reads(hearing.line(post, *hand_over))
    await post.today(SEPTEMBER)
    assert of(await post.delivers()) == [TO[FOLLOWER]]
    assert await fates(post) == {FORMER: ("failed", hearing.why), FOLLOWER: ("sent", None)}
    assert of(await post.delivers()) == []


@hearings
async def test_she_who_is_in_post_still_hears_herself(post: Post, hearing: Hearing):
    """R0.8"""
    await post.today(JULY)
    await begins(post, hearing.line(post, (FORMER, LONG_AGO, date(2026, 9, 2)), (FOLLOWER, date(2026, 9, 2), None)))
    await post.notifications.reads(*hearing.change(post))
    await post.today(SEPTEMBER)
    assert of(await post.delivers()) == [TO[FORMER]]


@hearings
async def test_what_waited_for_the_end_of_her_week_goes_to_whoever_follows(post: Post, hearing: Hearing):
    """R0.8, R0.9"""
    next_week = DAY + timedelta(days=7)
    await begins(post, hearing.line(post, (FORMER, LONG_AGO, None)))
    await post.notifications.reads(*hearing.change(post))
    assert of(await post.delivers()) == [TO[FORMER]]
    await post.today(TUESDAY)
    await post.notifications.reads(*hearing.change(post))
    assert of(await post.delivers()) == []
    await post.notifications.reads(hearing.line(post, (FORMER, LONG_AGO, TUESDAY), (FOLLOWER, TUESDAY, None)))
    assert of(await post.delivers()) == []  # it is looked at when it may go
    await post.today(next_week)
    assert of(await post.delivers()) == [TO[FOLLOWER]]


@hearings
async def test_what_could_not_go_while_she_was_in_post_is_not_sent_to_her_any_more(post: Post, hearing: Hearing):
    """R0.8: the mail server was away on her last day, and the letter would be tried again."""
    await begins(post, hearing.line(post, (FORMER, LONG_AGO, None)))
    post.server.answer_data = lambda mail: "451 later"
    away = post.messenger(message_retry_seconds="3600", telling_patience_seconds=0)
    await post.notifications.reads(*hearing.change(post))
    assert of(await post.delivers(away)) == []
    assert (await fates(post))[FORMER] == ("in-letter", None)
    await post.notifications.reads(hearing.line(post, (FORMER, LONG_AGO, TUESDAY), (FOLLOWER, TUESDAY, None)))
    await post.today(TUESDAY)
    await goes_again(post)
    assert of(await post.delivers(away)) == [TO[FOLLOWER]]
    assert await fates(post) == {FORMER: ("failed", hearing.why), FOLLOWER: ("sent", None)}
    (mail,) = post.server.to(TO[FOLLOWER])
    assert OAK in body_of(mail)


@hearings
async def test_a_letter_that_is_being_sent_is_left_alone(post: Post, hearing: Hearing):
    """Whether it went is known when the server has answered: given up, it might have been read all the same."""
    await begins(post, hearing.line(post, (FORMER, LONG_AGO, None)))
    post.server.answer_data = lambda mail: "451 later"
    away = post.messenger(message_retry_seconds="3600", telling_patience_seconds=0)
    await post.notifications.reads(*hearing.change(post))
    await post.delivers(away)
    await post.notifications.reads(hearing.line(post, (FOLLOWER, LONG_AGO, None)))
    [busy] = [letter for letter, person in await post.messages("letter_id", "person_id") if person == FORMER]
    store = post.notifications.store
    assert await store.run(lambda uow: pass_on_to_whoever_is_in_post({busy}, uow)) == set()
    assert (await fates(post))[FORMER] == ("in-letter", None)
    assert await store.run(lambda uow: pass_on_to_whoever_is_in_post(set(), uow)) == {FORMER}
    assert (await fates(post))[FORMER] == ("failed", hearing.why)


@hearings
async def test_where_the_post_is_vacant_nobody_hears(post: Post, hearing: Hearing):
    """R0.8"""
    await post.today(JULY)
    await begins(post, hearing.line(post, (FORMER, LONG_AGO, SEPTEMBER)))
    await post.notifications.reads(*hearing.change(post))
    await post.today(SEPTEMBER)
    assert of(await post.delivers()) == []
    assert await fates(post) == {FORMER: ("failed", hearing.why)}


@hearings
async def test_as_long_as_nothing_was_told_of_a_post_it_goes_to_whom_it_was_made_for(post: Post, hearing: Hearing):
    """As after an upgrade, until what stood was told."""
    await begins(post)
    await post.notifications.reads(*hearing.change(post))
    assert of(await post.delivers()) == [TO[FORMER]]


@hearings
async def test_she_is_not_shown_what_was_kept_from_her_and_an_officer_is(post: Post, ask: Ask, hearing: Hearing):
    """R0.8: neither while it waits nor once it was given up."""

    async def shown() -> tuple[list[str], list[str]]:
        hers = await ask(f"/people/{FORMER}/messages", roles=["chair"], subject=str(FORMER))
        officers = await ask(f"/people/{FORMER}/messages")
        return [each["state"] for each in hers.json()], [each["state"] for each in officers.json()]

    await post.today(JULY)
    await begins(post, hearing.line(post, (FORMER, LONG_AGO, SEPTEMBER), (FOLLOWER, SEPTEMBER, None)))
    await post.notifications.reads(*hearing.change(post))
    assert await shown() == (["waiting"], ["waiting"])
    await post.today(SEPTEMBER)
    assert await shown() == ([], ["waiting"])
    await post.delivers()
    assert await shown() == ([], ["failed"])


async def test_without_a_chief_executive_the_partner_hears_and_where_she_heads_the_school_too(post: Post):
    """R0.8: she hears as its head, and the trust through the other one."""
    await post.today(JULY)
    partner = (SIP, PARTNER, LONG_AGO, None)
    await begins(post, contacts(post, (CHIEF, FORMER, LONG_AGO, SEPTEMBER), (CHIEF, HEAD, SEPTEMBER, None), partner))
    await post.notifications.reads(*OfATrust.change(post))
    await post.today(SEPTEMBER)
    receivers = await post.delivers()
    assert of(receivers) == [TO[PARTNER]]
    assert receivers.count(ADDRESSES[HEAD]) == 1


async def test_a_chief_executive_who_came_to_head_the_school_hears_as_its_head(post: Post):
    """R0.8"""
    await post.today(JULY)
    await begins(post, contacts(post, (CHIEF, FORMER, LONG_AGO, None), (SIP, PARTNER, LONG_AGO, None)))
    await post.notifications.reads(*OfATrust.change(post))
    heads = HeadshipBegan(urn=OAK, person_id=FORMER, from_date=SEPTEMBER)
    await post.notifications.reads(post.notifications.record_of(heads, key_of()))
    await post.today(SEPTEMBER)
    assert of(await post.delivers()) == [TO[PARTNER]]


async def test_a_partner_who_hears_for_want_of_a_chief_executive_gives_way_to_one(post: Post):
    await post.today(JULY)
    partner = (SIP, FORMER, LONG_AGO, None)
    await begins(post, contacts(post, partner))
    await post.notifications.reads(*OfATrust.change(post))
    await post.notifications.reads(contacts(post, partner, (CHIEF, FOLLOWER, SEPTEMBER, None)))
    await post.today(SEPTEMBER)
    assert of(await post.delivers()) == [TO[FOLLOWER]]


async def test_she_who_came_to_speak_herself_in_her_post_is_followed_and_that_she_speaks_no_longer_is_told_to_her(
    post: Post,
):
    """R0.8: when an academy is inspected its trust's chief executive speaks herself; who spoke hears that she does no
    longer, in post or not."""
    herself = Speaker(role="trust-chief-executive", trust_id=LARCH, person_id=FORMER, rule="academy-chief-executive")
    follower = herself.model_copy(update={"person_id": FOLLOWER})
    await post.today(JULY)
    await begins(post, contacts(post, (CHIEF, FORMER, LONG_AGO, None)))
    comes = post.changed(of_speakers(OAK, (IMPROVER, IMPROVER), (IMPROVER, herself)))
    leaves = post.changed(of_speakers(OAK, (IMPROVER, IMPROVER), (herself, follower)))
    line = contacts(post, (CHIEF, FORMER, LONG_AGO, SEPTEMBER), (CHIEF, FOLLOWER, SEPTEMBER, None))
    await post.notifications.reads(comes, line, leaves)
    await post.today(SEPTEMBER)
    await post.delivers()
    rows = await post.messages("person_id", "kind", "state")
    assert [row[1:] for row in rows if row[0] == FORMER] == [("you-speak", "failed"), ("you-no-longer-speak", "sent")]
    assert [row[1] for row in rows if row[0] == FOLLOWER] == [
        "you-speak",
        "you-speak",
    ]  # what came with her, and what was another's


@pytest.mark.parametrize("told", [True, False])
async def test_an_older_word_on_the_trust_takes_nothing_from_whom_a_later_one_has_named(post: Post, told: bool):
    """R0.8: the line in which she is comes under another key, and is read later than what names her."""
    story = new_id()
    await begins(post)
    data = of_speakers(OAK, (IMPROVER, trust(FORMER if told else FOLLOWER)), (IMPROVER, IMPROVER))
    hears = SchoolTold(urn=OAK, told_on=DAY, releases=[story], trusts=[TrustHears(trust_id=LARCH, person_id=FOLLOWER)])
    if told:  # the word on the trust is the last but one: it came after the change, and before the telling
        change = post.changed(data, story=story, told=False)
        line = contacts(post, (CHIEF, FORMER, LONG_AGO, None))
        named = [change, post.notifications.record_of(hears, key_of())]
    else:
        line = contacts(post, (CHIEF, FORMER, LONG_AGO, None))
        named = [post.changed(data)]
    await post.notifications.reads(line, *named)
    assert of(await post.delivers()) == [TO[FOLLOWER]]


async def test_a_message_that_does_not_say_for_which_trust_stays_with_whom_it_was_made_for(post: Post):
    """One from before this was kept."""
    await post.today(JULY)
    await begins(post, contacts(post, (CHIEF, FORMER, LONG_AGO, SEPTEMBER), (CHIEF, FOLLOWER, SEPTEMBER, None)))
    await post.notifications.reads(*OfATrust.change(post))
    await post.notifications.rows("update message set details = details - 'trust_id'")
    await post.today(SEPTEMBER)
    assert of(await post.delivers()) == [TO[FORMER]]
