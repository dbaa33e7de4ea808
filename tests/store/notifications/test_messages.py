"""Messages to people against a real mail server: who hears, once, on school days, once a week (R0.8, R0.9, D3.9)."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.notifications.channels import Answer
from services.notifications.channels import Post as Sending
from services.notifications.store.messages import unsent
from shared.contracts.envelope import person_key
from shared.contracts.membership import (
    HeadshipBegan,
    HeadshipEnded,
    HistoryCorrected,
    InspectionCallAccepted,
    PersonRecorded,
)
from shared.messaging.cause import new_id
from shared.messaging.inbox import Record
from tests.eventually import PATIENCE, eventually
from tests.store.notifications.conftest import DAY, OAK, WARWICKSHIRE, key_of, outcome, school
from tests.store.notifications.mail import body_of
from tests.store.notifications.post import A_WEEK, ADDRESSES, CHAIR, HEAD, LEADER, Post
from tests.store.notifications.test_informing import FELL

ELM = "100002"
TUESDAY, FRIDAY = DAY + timedelta(days=1), DAY + timedelta(days=4)


async def test_a_change_of_who_speaks_is_told_to_the_head_and_then_to_both_speakers_and_nobody_else(post: Post):
    """R0.8"""
    await post.notifications.reads(post.person(uuid4()), post.reassigned())
    told = await post.delivers()
    assert told[0] == ADDRESSES[HEAD]
    assert set(told[1:]) == {ADDRESSES[CHAIR], ADDRESSES[LEADER]}
    assert len(told) == 3


async def test_a_restricted_change_is_mailed_to_nobody_before_the_school_was_told(post: Post):
    """R0.8, I13"""
    story = new_id()
    await post.notifications.reads(post.reassigned(story=story, told=False))
    assert await post.delivers() == []
    assert await post.messages("id") == []
    await post.notifications.reads(post.school_told(story))
    assert (await post.delivers())[0] == ADDRESSES[HEAD]
    assert len(post.server.mails) == 3


@pytest.mark.parametrize("the_word_comes_first", [False, True])
async def test_a_school_of_which_was_told_lets_out_nothing_of_another_of_the_same_story(
    post: Post, the_word_comes_first: bool
):
    """R0.8: a change of chair is one story for several schools, and each of them is told by itself."""
    story = new_id()
    word = [post.school_told(story, urn=OAK)]
    changes = [post.reassigned(urn, story=story, told=False) for urn in (OAK, ELM)]
    for batch in (word, changes) if the_word_comes_first else (changes, word):
        await post.notifications.reads(*batch)
    await post.delivers()
    assert set(await post.messages("urn")) == {(OAK,)}
    await post.notifications.reads(post.school_told(story, urn=ELM))
    assert set(await post.messages("urn")) == {(OAK,), (ELM,)}
    assert await post.notifications.rows("select 1 from held") == []


async def test_who_heads_the_school_on_the_day_of_telling_is_told(post: Post):
    """R0.8: between the change and its telling the head left, and another came."""
    story, follower = new_id(), uuid4()
    await post.notifications.reads(post.reassigned(story=story, told=False))
    left = HeadshipEnded(urn=OAK, person_id=HEAD, from_date=date(2020, 9, 1), ended_on=DAY)
    came = HeadshipBegan(urn=OAK, person_id=follower, from_date=DAY)
    await post.notifications.reads(
        post.person(follower, "new@school.example"),
        post.notifications.record_of(left, key_of()),
        post.notifications.record_of(came, key_of()),
        post.school_told(story),
    )
    told = await post.delivers()
    assert told[0] == "new@school.example"
    assert ADDRESSES[HEAD] not in told


async def test_a_change_of_category_or_of_the_past_alone_mails_nobody(post: Post):
    corrected = HistoryCorrected(urn=OAK, what="representation", from_date=DAY, until=DAY)
    await post.notifications.reads(
        post.notifications.record_of(outcome(), key_of()),
        post.notifications.record_of(FELL, key_of()),
        post.notifications.record_of(corrected, key_of()),
    )
    assert await post.delivers() == []


async def test_neither_subject_nor_body_names_a_category_a_reason_or_a_person(post: Post):
    """R0.8, I13: another head may look over the shoulder; the page behind the sign-in tells the rest."""
    story = new_id()
    await post.notifications.reads(post.reassigned(story=story, told=False), post.school_told(story))
    await post.delivers()
    for mail in post.server.mails:
        assert "100001" not in mail["Subject"]
        for word in ("ategory", "system leader", "Invented", "Ofsted", "chair"):
            assert word not in str(mail["Subject"]) + body_of(mail)
        assert "https://consortia.council.example/" in body_of(mail)


async def test_a_fact_is_told_to_a_person_once_however_often_it_is_read(post: Post):
    """D3.9"""
    record = post.reassigned()
    await post.notifications.reads(record)
    await post.notifications.reads(record, record)
    await post.delivers()
    await post.delivers(post.messenger())
    assert sorted(post.server.receivers) == sorted(ADDRESSES.values())


async def test_what_comes_within_a_week_is_gathered_into_one_mail_when_the_week_is_over(post: Post):
    """R0.9"""
    await post.notifications.reads(post.reassigned())
    await post.delivers()
    await post.today(DAY + timedelta(days=2))
    await post.notifications.reads(post.reassigned(before=LEADER, after=CHAIR))
    await post.today(DAY + timedelta(days=3))
    await post.notifications.reads(post.reassigned())
    assert await post.delivers() == []
    await post.today(DAY + timedelta(days=6))
    assert await post.delivers() == []
    await post.today(DAY + A_WEEK)
    told = await post.delivers()
    assert sorted(told) == sorted(ADDRESSES.values())
    (mail,) = post.server.to(ADDRESSES[HEAD])[1:]
    assert mail["Subject"] == "Consortia: 2 changes that concern you"
    assert body_of(mail).count("another person or office speaks") == 2


async def test_a_fact_of_a_saturday_is_told_on_monday_and_the_head_first(post: Post):
    """R0.9, R0.8"""
    await post.today(DAY + timedelta(days=5))
    await post.notifications.reads(post.reassigned())
    assert await post.delivers() == []
    (due,) = {due for (due,) in await post.messages("due_at")}
    assert due == datetime.fromisoformat("2024-03-11T08:00:00+00:00")
    await post.today(DAY + timedelta(days=7))
    assert (await post.delivers())[0] == ADDRESSES[HEAD]
    assert len(post.server.mails) == 3


async def test_a_mail_that_failed_on_a_school_day_is_tried_again_on_the_next_one(post: Post):
    """R0.9: the server was busy on Friday, and nobody is written to on Saturday."""
    post.server.answer_data = lambda mail: "451 later"
    await post.today(FRIDAY)
    await post.notifications.reads(post.reassigned(after=None, before=None))
    messenger = post.messenger()
    await messenger.look()
    await messenger.settle()
    post.server.answer_data = lambda mail: "250 OK"
    for day in (1, 2):
        await post.today(FRIDAY + timedelta(days=day))
        assert await post.delivers() == []
        assert (await unsent(post.notifications.store)).letters == 0
    await post.today(FRIDAY + timedelta(days=3))
    assert await post.delivers() == [ADDRESSES[HEAD]]


async def test_of_what_waited_over_the_summer_the_head_of_september_hears_and_the_former_one_does_not(post: Post):
    """R0.8, R0.9: the change of July waits for the first school day, and by then another heads the school."""
    follower, july, september = uuid4(), date(2026, 7, 22), date(2026, 9, 1)
    await post.today(july)
    await post.notifications.reads(post.reassigned(after=None, before=None))
    assert await post.delivers() == []
    await post.notifications.reads(
        post.person(follower, "new@school.example"),
        post.notifications.record_of(
            HeadshipEnded(urn=OAK, person_id=HEAD, from_date=date(2020, 9, 1), ended_on=september), key_of()
        ),
        post.notifications.record_of(HeadshipBegan(urn=OAK, person_id=follower, from_date=september), key_of()),
    )
    await post.today(september)
    assert await post.delivers() == ["new@school.example"]
    assert (await _fates(post))[HEAD] == ("failed", "heads the school no longer")
    assert await post.delivers() == []


async def test_what_could_not_go_while_she_headed_the_school_is_not_sent_to_a_former_head(post: Post):
    """R0.8: the mail server was away on her last days. What her e-mail tells of another school goes all the same."""
    follower = uuid4()
    elm = HeadshipBegan(urn=ELM, person_id=HEAD, from_date=date(2020, 9, 1))
    await post.notifications.reads(
        post.notifications.record_of(school(ELM), key_of(ELM)), post.notifications.record_of(elm, key_of(ELM))
    )
    post.server.answer_data = lambda mail: "451 later"
    await post.notifications.reads(*(post.reassigned(urn, before=None, after=None) for urn in (OAK, ELM)))
    away = post.messenger(message_retry_seconds="3600")
    assert await post.delivers(away) == []
    left = HeadshipEnded(urn=OAK, person_id=HEAD, from_date=date(2020, 9, 1), ended_on=TUESDAY)
    await post.notifications.reads(
        post.person(follower, "new@school.example"),
        post.notifications.record_of(left, key_of()),
        post.notifications.record_of(HeadshipBegan(urn=OAK, person_id=follower, from_date=TUESDAY), key_of()),
    )
    await post.today(TUESDAY)
    post.server.answer_data = lambda mail: "250 OK"
    await post.notifications.rows("update letter set due_at = clock_timestamp()")
    assert set(await post.delivers(away)) == {ADDRESSES[HEAD], "new@school.example"}
    (hers,) = post.server.to(ADDRESSES[HEAD])
    assert ELM in body_of(hers)
    assert OAK not in body_of(hers)
    assert OAK in body_of(*post.server.to("new@school.example"))


async def test_an_e_mail_of_which_nothing_is_left_is_not_sent(post: Post):
    """R0.8"""
    post.server.answer_data = lambda mail: "451 later"
    await post.notifications.reads(post.reassigned(before=None, after=None))
    away = post.messenger(message_retry_seconds="3600")
    await post.delivers(away)
    left = HeadshipEnded(urn=OAK, person_id=HEAD, from_date=date(2020, 9, 1), ended_on=TUESDAY)
    await post.notifications.reads(post.notifications.record_of(left, key_of()))
    await post.today(TUESDAY)
    post.server.answer_data = lambda mail: "250 OK"
    await post.notifications.rows("update letter set due_at = clock_timestamp()")
    assert await post.delivers(away) == []
    assert await _fates(post) == {HEAD: ("failed", "heads the school no longer")}
    assert (await unsent(post.notifications.store)).letters == 0


async def test_nothing_is_sent_in_a_holiday_of_that_authority(post: Post):
    """W-12, R0.9: half-term in Warwickshire from 25 October to 2 November 2025."""
    await post.today(date(2025, 10, 25))
    await post.notifications.reads(post.reassigned())
    for day in (date(2025, 10, 27), date(2025, 10, 31), date(2025, 11, 2)):
        await post.today(day)
        assert await post.delivers() == []
    await post.today(date(2025, 11, 3))
    assert len(await post.delivers()) == 3


async def test_a_receiver_whom_the_server_refuses_has_a_visible_fate_and_the_others_get_theirs(post: Post):
    """D3.9"""
    post.server.answer_rcpt = lambda address: "550 no such mailbox" if address == ADDRESSES[CHAIR] else "250 OK"
    await post.notifications.reads(post.reassigned())
    assert set(await post.delivers()) == {ADDRESSES[HEAD], ADDRESSES[LEADER]}
    assert await _fates(post) == {
        HEAD: ("sent", None),
        LEADER: ("sent", None),
        CHAIR: ("failed", "the mail server refused the receiver"),
    }
    (attempt,) = await post.notifications.rows("select code from letter_attempt where problem is not null")
    assert attempt.code == 550


async def test_a_mail_that_the_server_refuses_for_good_is_not_sent_again(post: Post):
    post.server.answer_data = lambda mail: "554 not this one"
    await post.notifications.reads(post.reassigned(after=None, before=None))
    await post.delivers()
    assert len(post.server.seen) == 1
    assert await _fates(post) == {HEAD: ("failed", "the mail server refused the message")}


async def test_a_busy_server_is_asked_again_with_the_same_message_id(post: Post):
    """D3.9"""
    answers = iter(["451 later", "452 full", "250 OK"])
    post.server.answer_data = lambda mail: next(answers)
    await post.notifications.reads(post.reassigned(after=None, before=None))
    assert await post.delivers() == [ADDRESSES[HEAD]]
    assert len(post.server.seen) == 3
    assert len({mail["Message-ID"] for mail in post.server.seen}) == 1
    (letter,) = await post.notifications.rows("select id, state, attempts from letter")
    assert (letter.state, letter.attempts) == ("sent", 3)
    assert post.server.seen[0]["Message-ID"] == f"<{letter.id}@council.example>"


async def test_a_used_up_schedule_ends_in_a_visible_failure(post: Post):
    """D3.9"""
    post.server.answer_data = lambda mail: "451 later"
    await post.notifications.reads(post.reassigned(after=None, before=None))
    await post.delivers()
    assert len(post.server.seen) == 4
    assert await _fates(post) == {HEAD: ("failed", "the mail server refused the message")}


async def test_a_line_cut_after_the_mail_was_handed_over_sends_it_again_under_its_id(post: Post):
    """D3.9: at least once, and the receiver's server knows the repeat by its Message-ID."""
    post.server.cut = True
    await post.notifications.reads(post.reassigned(after=None, before=None))
    messenger = post.messenger()
    await messenger.look()
    await messenger.settle()
    post.server.cut = False
    assert await post.delivers() == [ADDRESSES[HEAD]]
    assert len(post.server.seen) == 2
    assert len({mail["Message-ID"] for mail in post.server.seen}) == 1


async def test_a_server_that_is_away_is_waited_for(post: Post):
    await post.server.stop()
    await post.notifications.reads(post.reassigned(after=None, before=None))
    async with post.working(message_retry_seconds=",".join(["0.05"] * 200)):
        await eventually(lambda: _attempts(post, 2))
        await post.server.start()
        await eventually(lambda: _sent(post))
    assert post.server.receivers[-1] == ADDRESSES[HEAD]


async def test_a_server_that_does_not_answer_is_given_up_in_time(post: Post):
    slow = post.messenger(smtp_timeout_seconds=0.0001)
    await post.notifications.reads(post.reassigned(after=None, before=None))
    await slow.look()
    await slow.settle()
    (attempt,) = await post.notifications.rows("select code, problem from letter_attempt")
    assert attempt.code is None
    assert "no answer" in attempt.problem or "Timeout" in attempt.problem


async def test_an_erased_person_is_not_written_to_and_it_shows(post: Post):
    """R0.8: the address is asked for when sending, not when the message is made."""
    await post.today(DAY + timedelta(days=5))
    await post.notifications.reads(post.reassigned(after=None, before=None))
    await post.notifications.reads(_tombstone(post, HEAD))
    await post.today(DAY + timedelta(days=7))
    assert await post.delivers() == []
    assert await _fates(post) == {HEAD: ("failed", "the person was erased")}


async def test_a_person_with_another_address_by_then_gets_it_there(post: Post):
    await post.today(DAY + timedelta(days=5))
    await post.notifications.reads(post.reassigned(after=None, before=None))
    await post.notifications.reads(post.person(HEAD, "elsewhere@school.example"))
    await post.today(DAY + timedelta(days=7))
    assert await post.delivers() == ["elsewhere@school.example"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "no e-mail address is known"),
        ("not an address", "the address is not one that mail can be sent to"),
        ("a@b.example\nBcc: everybody@school.example", "the address is not one that mail can be sent to"),
        ("a@b.example, everybody@school.example", "the address is not one that mail can be sent to"),
    ],
)
async def test_a_person_without_a_usable_address_has_a_visible_fate(post: Post, address: str, reason: str):
    await post.notifications.reads(post.person(HEAD, address), post.reassigned(after=None, before=None))
    assert await post.delivers() == []
    assert await _fates(post) == {HEAD: ("failed", reason)}


async def test_somebody_who_is_asked_about_an_inspection_hears_at_once_on_any_day_by_mail_and_text(post: Post):
    """W-16, R0.9: outside the weekly mail, on a Sunday in a week in which she had one."""
    await post.notifications.reads(post.reassigned())
    await post.delivers()
    await post.today(DAY + timedelta(days=6))
    await post.notifications.reads(post.asked())
    told = await post.delivers()
    assert sorted(told) == ["+441926000000@texts.example", ADDRESSES[LEADER]]
    mail, text = sorted(post.server.mails[-2:], key=lambda mail: str(mail["X-Consortia-Kind"]))
    assert "Inspectors" in body_of(mail)
    assert "100001" not in mail["Subject"]
    assert "100001" not in body_of(text)
    assert "Please answer by 10:40" in body_of(text)
    # and her weekly mail is where it was
    await post.today(DAY + A_WEEK)
    await post.notifications.reads(post.reassigned(before=LEADER, after=CHAIR))
    assert ADDRESSES[LEADER] in await post.delivers()


async def test_an_urgent_message_does_not_wait_behind_slow_ones(post: Post):
    """W-16"""
    import asyncio

    gate, urgent = asyncio.Event(), asyncio.Event()

    async def send(sending: Sending) -> Answer:
        if not sending.urgent:
            await gate.wait()
        else:
            urgent.set()
        return Answer(datetime.fromisoformat("2024-03-04T12:00:00+00:00"), 1, 250)

    people = [uuid4() for _ in range(12)]
    await post.notifications.reads(*(post.person(each) for each in people))
    await post.notifications.reads(
        *(post.reassigned(str(200000 + n), before=None, after=each) for n, each in enumerate(people)), post.asked()
    )
    messenger = post.messenger({"email": send, "text": send})
    await messenger.look()
    await asyncio.wait_for(urgent.wait(), PATIENCE)
    gate.set()
    await messenger.settle()


async def test_what_could_not_be_sent_before_somebody_accepted_is_not_sent_after_it(post: Post):
    """W-16: the mail server was away while the next in line took the call."""
    await post.server.stop()
    await post.notifications.reads(post.asked())
    await post.delivers(post.messenger(message_retry_seconds="3600"))
    accepted = InspectionCallAccepted(call_id=UUID(int=9), urn=OAK, person_id=CHAIR, role="chair", place_in_line=2)
    await post.notifications.reads(post.notifications.record_of(accepted, key_of()))
    await post.notifications.rows("update letter set due_at = clock_timestamp()")
    await post.server.start()
    assert await post.delivers() == []
    assert {state for (state,) in await post.messages("state")} == {"failed"}


async def test_without_a_mail_server_each_message_says_why_it_was_not_sent(post: Post, monkeypatch: pytest.MonkeyPatch):
    from services.notifications.settings import settings

    monkeypatch.delenv("CONSORTIA_SMTP_HOST")
    settings.cache_clear()
    await post.notifications.reads(post.reassigned())
    assert {fate for fate in (await _fates(post)).values()} == {("failed", "no mail server is set up")}


async def test_who_was_paused_past_the_lease_before_sending_sends_no_mail(post: Post, monkeypatch: pytest.MonkeyPatch):
    """D3.9: another may have sent it by now."""
    sent: list[int] = []

    def pause_at_first(place: str) -> None:
        if place == "message.before_send":
            sent.append(len(post.server.mails))
            if len(sent) == 1:
                messenger._lease._asked_at -= 60

    monkeypatch.setattr("services.notifications.messenger.crash_point", pause_at_first)
    await post.notifications.reads(post.reassigned())
    async with post.working() as messenger:
        await eventually(lambda: post.server.mails)
    assert sent[:2] == [0, 0]


async def test_two_workers_send_each_mail_once(post: Post):
    """D3.9: one of them holds the lease; and even together they gather each message once."""
    import asyncio

    await post.notifications.reads(post.reassigned())
    one, other = post.messenger(), post.messenger()
    for _ in range(6):
        await asyncio.gather(one.store.run(one._gather), other.store.run(other._gather))
    rows = await post.notifications.rows("select person_id, count(*) from letter group by person_id")
    assert [row.count for row in rows] == [1] * len(rows)


def _tombstone(post: Post, person: UUID) -> Record:
    record = post.notifications.record_of(
        PersonRecorded(person_id=person, name="x", email="x@y.example"), person_key(WARWICKSHIRE, person)
    )
    return Record(record.topic, 0, record.offset, record.key, None, record.headers)


async def _fates(post: Post) -> dict[UUID, tuple[str, str | None]]:
    return {person: (state, reason) for person, state, reason in await post.messages("person_id", "state", "reason")}


async def _sent(post: Post) -> bool:
    return await _fates(post) == {HEAD: ("sent", None)}


async def _attempts(post: Post, number: int) -> bool:
    return len(await post.notifications.rows("select 1 from letter_attempt")) >= number
