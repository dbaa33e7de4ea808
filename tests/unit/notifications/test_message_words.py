"""What messages say, word for word (R0.8)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from services.notifications.channels import Post, mail
from services.notifications.domain.message import GENERAL, INSPECTION, Kind
from services.notifications.domain.retry import Fate, after_attempt
from services.notifications.domain.words import Item, email, sentence, text
from services.notifications.messenger import item_of

TODAY = date(2026, 6, 10)
LINK = "https://consortia.council.example/schools/100001"
ITEM = Item(Kind.SPEAKER_CHANGED, "100001", "Oak Primary School", LINK, date(2026, 6, 9), (GENERAL, INSPECTION))
DESK = "01632 960001"
ASKED = Item(
    Kind.INSPECTION_CALL, "100001", "Oak Primary School", LINK, answer_by=datetime(2026, 6, 10, 9, 40, tzinfo=UTC)
)


def test_the_head_reads_what_changed_and_where_to_see_it():
    words = email([ITEM], "0190-ref", TODAY)
    assert words.subject == "Consortia: a change that concerns your school"
    assert words.body == (
        "Hello,\n\n"
        "From 9 June 2026 another person or office speaks for Oak Primary School (URN 100001) on general matters and "
        "when it is inspected. You speak for your own school as before; this is about who speaks for it outside the "
        "school. Who it is, and why, you see when you have signed in:\n"
        f"{LINK}\n\n"
        "This e-mail was sent by Consortia, and answers to it are not read. Its reference is 0190-ref.\n"
    )


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (
            replace(ITEM, kind=Kind.YOU_SPEAK, matters=(GENERAL,)),
            "From 9 June 2026 you speak for Oak Primary School (URN 100001) on general matters. "
            "What you need to know you see when you have signed in:",
        ),
        (
            replace(ITEM, kind=Kind.YOU_SPEAK, matters=(INSPECTION,), also_lost=(GENERAL,)),
            "From 9 June 2026 you speak for Oak Primary School (URN 100001) when it is inspected. You no longer speak "
            "for it on general matters. What you need to know you see when you have signed in:",
        ),
        (
            replace(ITEM, kind=Kind.YOU_SPEAK, matters=(INSPECTION,), also_lost=(GENERAL,), for_trust=True),
            "From 9 June 2026 your trust speaks for Oak Primary School (URN 100001) when it is inspected. Your trust no "
            "longer speaks for it on general matters. What you need to know you see when you have signed in:",
        ),
        (
            replace(ITEM, kind=Kind.YOU_NO_LONGER_SPEAK, matters=(GENERAL,), for_trust=True),
            "From 9 June 2026 your trust no longer speaks for Oak Primary School (URN 100001) on general matters. You see "
            "this when you have signed in:",
        ),
        (
            replace(ITEM, kind=Kind.YOU_NO_LONGER_SPEAK),
            "From 9 June 2026 you no longer speak for Oak Primary School (URN 100001) on general matters and when it is "
            "inspected. You see this when you have signed in:",
        ),
        (
            ASKED,
            "You are asked to speak for Oak Primary School (URN 100001) in a conversation with His Majesty's Inspectors. "
            "Say whether you can, or that you cannot. Please answer by 10:40; then the next in line is asked. Answer here:",
        ),
        (
            replace(ASKED, school_name=None, answer_by=None),
            "You are asked to speak for the school with URN 100001 in a conversation with His Majesty's Inspectors. "
            "Say whether you can, or that you cannot. Answer here:",
        ),
        (
            replace(ASKED, answer_by=None, desk="duty-desk"),
            "His Majesty's Inspectors have called Oak Primary School (URN 100001), and nobody else is left to ask. Please "
            "find somebody who can talk to them, and accept the call for her or him. Answer here:",
        ),
    ],
)
def test_each_kind_of_message_is_a_plain_sentence(item: Item, says: str):
    assert sentence(item, TODAY) == says


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        (Kind.SPEAKER_CHANGED, "Who it is, and why, you hear from the council's school improvement team."),
        (Kind.YOU_SPEAK, "What you need to know you hear from the council's school improvement team."),
        (Kind.YOU_NO_LONGER_SPEAK, "If you have a question, ask the council's school improvement team."),
        (
            Kind.INSPECTION_CALL,
            "Ring the council's duty desk on 01632 960001 and say whether you can, or that you cannot, by 10:40; "
            "then the next in line is asked.",
        ),
    ],
)
def test_without_pages_a_message_says_whom_to_ask_and_shows_no_address_that_nobody_can_open(kind: Kind, ends: str):
    """W-20"""
    item = replace(ASKED if kind is Kind.INSPECTION_CALL else ITEM, kind=kind, link=None, duty_desk_rings=DESK)
    assert sentence(item, TODAY).endswith(ends)
    assert "http" not in email([item], "ref", TODAY).body
    assert "None" not in email([item], "ref", TODAY).body


def test_a_text_without_pages_says_whom_to_ring_and_under_which_number():
    """W-16"""
    assert text(replace(ASKED, link=None, duty_desk_rings=DESK), TODAY) == (
        "Consortia: an urgent request for you. Please ring the council's duty desk on 01632 960001 by 10:40."
    )


def test_where_no_number_of_the_duty_desk_is_kept_the_message_says_so_and_whom_to_ring_instead():
    """W-16: nobody looks for a number while her half hour runs."""
    asked = replace(ASKED, link=None)
    assert sentence(asked, TODAY).endswith(
        "Ring the council's school improvement officer (no number of its duty desk is kept here) and say whether you can, "
        "or that you cannot, by 10:40; then the next in line is asked."
    )
    assert text(asked, TODAY) == (
        "Consortia: an urgent request for you. Please ring the council's school improvement officer (no number of its "
        "duty desk is kept here) by 10:40."
    )


@pytest.mark.parametrize("items", [[ITEM], [ITEM, ITEM]])
def test_a_greeting_fits_any_hour(items: list[Item]):
    """An e-mail goes when the week of its receiver is over, or when the mail server is there again: also in the evening."""
    greeting = email(items, "ref", TODAY).body.split("\n")[0]
    assert greeting == "Hello,"


@pytest.mark.parametrize("link", [None, LINK])
def test_the_last_in_line_is_told_to_find_somebody_and_not_to_ring_itself(link: str | None):
    """W-16"""
    at_the_desk = replace(ASKED, link=link, answer_by=None, desk="duty-desk", duty_desk_rings=DESK)
    assert "find somebody" in sentence(at_the_desk, TODAY)
    assert "ring" not in (sentence(at_the_desk, TODAY) + text(at_the_desk, TODAY)).lower()
    assert "Oak" not in text(at_the_desk, TODAY)
    assert ("http" in text(at_the_desk, TODAY)) == (link is not None)


@pytest.mark.parametrize(
    ("pages", "link"),
    [("https://consortia.council.example/", "https://consortia.council.example/schools/100001"), ("", None)],
)
def test_one_setting_says_where_the_pages_are(pages: str, link: str | None):
    since = {"valid_from": "2026-06-09"}
    told = SimpleNamespace(kind="you-speak", urn="100001", school_name=None, details=since)
    assert item_of(told, pages).link == link


def test_a_text_names_no_school():
    """R0.8: a locked telephone shows it."""
    assert text(ASKED, TODAY) == f"Consortia: an urgent request for you. Please answer by 10:40: {LINK}"
    assert "by 10:40 on 10 June" in text(ASKED, date(2026, 6, 9))


@pytest.mark.parametrize(
    ("items", "subject"),
    [
        ([replace(ITEM, kind=Kind.YOU_SPEAK)], "Consortia: a change to the schools that you speak for"),
        ([replace(ITEM, kind=Kind.YOU_NO_LONGER_SPEAK)], "Consortia: a change to the schools that you speak for"),
        ([ITEM, ITEM, ITEM], "Consortia: 3 changes that concern you"),
        ([ASKED], "Urgent: please answer by 10:40"),
    ],
)
def test_a_subject_names_neither_school_nor_change(items: list[Item], subject: str):
    """R0.8"""
    assert email(items, "ref", TODAY).subject == subject


def post(**changes: object) -> Post:
    known = {
        "channel": "email",
        "to": "head@school.example",
        "subject": "A change",
        "body": "Plain – with a dash\n",
        "message_id": "0190-ref",
        "urgent": False,
    }
    return Post(**{**known, **changes})  # type: ignore[arg-type]


def test_a_mail_has_the_same_id_at_every_attempt_and_says_that_nobody_wrote_it():
    """D3.9"""
    first, again = (mail(post(), "Consortia <consortia@council.example>", "") for _ in range(2))
    assert first["Message-ID"] == again["Message-ID"] == "<0190-ref@council.example>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Importance"] is None
    assert mail(post(urgent=True), "a@b.example", "")["Importance"] == "high"
    assert "Plain – with a dash" in first.get_content()


@pytest.mark.parametrize("number", ["+44 (0)1926 000000", "01926 000-000"])
def test_a_text_goes_to_the_number_at_the_gateway(number: str):
    digits = "".join(each for each in number if each.isdigit() or each == "+")
    assert mail(post(channel="text", to=number), "a@b.example", "texts.example")["To"] == f"{digits}@texts.example"


@pytest.mark.parametrize(
    ("channel", "to"),
    [
        ("email", "two@a.example, three@b.example"),
        ("email", "a@b.example\nBcc: c@d.example"),
        ("email", "Head <head@school.example>"),
        ("text", "extension 12"),
        ("text", "+44 1926 000000@evil.example"),
    ],
)
def test_an_address_that_is_more_than_an_address_is_refused(channel: str, to: str):
    with pytest.raises(ValueError, match="no "):
        mail(post(channel=channel, to=to), "a@b.example", "texts.example")


def test_a_message_fails_when_it_is_refused_for_good_or_the_schedule_is_used_up():
    """D3.9"""
    assert after_attempt(accepted=True, for_good=False, attempts=1).fate is Fate.ACCEPTED
    assert after_attempt(accepted=False, for_good=True, attempts=1).fate is Fate.FAILED
    waits = [after_attempt(accepted=False, for_good=False, attempts=number).wait for number in range(1, 10)]
    assert waits == sorted(each for each in waits if each is not None)
    assert after_attempt(accepted=False, for_good=False, attempts=10).fate is Fate.FAILED
