"""Who is told of a change of speaker, and when (R0.8, R0.9)."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.notifications.domain.message import GENERAL, INSPECTION, Kind, Reassigned, asked_at_once, may_go, told_of
from services.notifications.domain.telling import FEED, PEOPLE, Progress, Stage, Why, is_over, opens_with, sentence
from shared.calendar import calendar

HEAD, CHAIR, LEADER, CHIEF = (UUID(int=number) for number in range(1, 5))
DAY = date(2026, 1, 14)  # a Wednesday in term


def change(
    general: tuple[UUID | None, UUID | None], inspection: tuple[UUID | None, UUID | None], *changed: str
) -> Reassigned:
    return Reassigned(
        "100001",
        DAY,
        {GENERAL: general[0], INSPECTION: inspection[0]},
        {GENERAL: general[1], INSPECTION: inspection[1]},
        changed or (GENERAL, INSPECTION),
    )


def told(*found: Reassigned | tuple[UUID, ...]) -> list[tuple[UUID, Kind, Stage | None]]:
    what, heads = found
    assert isinstance(what, Reassigned)
    assert isinstance(heads, tuple)
    return [(each.person_id, each.kind, each.stage) for each in told_of(what, heads)]


def test_the_head_is_told_then_who_speaks_and_who_spoke():
    """R0.8"""
    assert told(change((CHAIR, LEADER), (CHAIR, LEADER)), (HEAD,)) == [
        (HEAD, Kind.SPEAKER_CHANGED, Stage.HEADS),
        (CHAIR, Kind.YOU_NO_LONGER_SPEAK, Stage.SPEAKERS),
        (LEADER, Kind.YOU_SPEAK, Stage.SPEAKERS),
    ]


def test_a_desk_or_a_trust_without_a_person_is_nobody_to_write_to():
    assert told(change((CHAIR, None), (None, None), GENERAL), ()) == [(CHAIR, Kind.YOU_NO_LONGER_SPEAK, Stage.SPEAKERS)]
    assert told(change((None, None), (None, None)), ()) == []


def test_who_speaks_on_as_before_hears_nothing():
    assert told(change((CHAIR, CHAIR), (CHIEF, LEADER), INSPECTION), ()) == [
        (LEADER, Kind.YOU_SPEAK, Stage.SPEAKERS),
        (CHIEF, Kind.YOU_NO_LONGER_SPEAK, Stage.SPEAKERS),
    ]


def test_somebody_who_wins_one_matter_and_loses_the_other_hears_of_both_in_one_message():
    (found,) = told_of(change((CHAIR, None), (None, CHAIR)), ())
    assert (found.kind, found.matters, found.also_lost) == (Kind.YOU_SPEAK, (INSPECTION,), (GENERAL,))


def test_a_head_who_spoke_for_the_school_is_told_once_and_as_its_head():
    assert told(change((HEAD, LEADER), (HEAD, LEADER)), (HEAD,)) == [
        (HEAD, Kind.SPEAKER_CHANGED, Stage.HEADS),
        (LEADER, Kind.YOU_SPEAK, Stage.SPEAKERS),
    ]


def test_two_heads_of_a_school_are_both_told_first():
    assert [stage for _, _, stage in told(change((CHAIR, LEADER), (CHAIR, LEADER)), (LEADER, HEAD))] == [
        Stage.HEADS,
        Stage.HEADS,
        Stage.SPEAKERS,
    ]


def test_who_is_asked_about_an_inspection_is_asked_by_mail_and_text_outside_the_order():
    """W-16"""
    (found,) = asked_at_once([LEADER])
    assert (found.channels, found.stage) == (("email", "text"), None)


@pytest.mark.parametrize(
    ("last_sent", "goes"),
    [
        (None, datetime(2026, 1, 14, 15, tzinfo=UTC)),
        (date(2026, 1, 6), datetime(2026, 1, 14, 15, tzinfo=UTC)),  # eight days ago
        (date(2026, 1, 7), datetime(2026, 1, 14, 15, tzinfo=UTC)),  # a week ago today
        (date(2026, 1, 8), datetime(2026, 1, 15, 8, tzinfo=UTC)),
        (date(2026, 1, 14), datetime(2026, 1, 21, 8, tzinfo=UTC)),
        (date(2026, 2, 9), datetime(2026, 2, 23, 8, tzinfo=UTC)),  # the week ends within the half-term
    ],
)
def test_an_email_goes_when_the_receivers_week_is_over_and_on_a_school_day(last_sent: date | None, goes: datetime):
    """R0.9"""
    assert may_go(calendar(), "937", datetime(2026, 1, 14, 15, tzinfo=UTC), last_sent) == goes


@pytest.mark.parametrize(
    ("progress", "why"),
    [
        (Progress(), Why.NOBODY),
        (Progress(sent=2), Why.TOLD),
        (Progress(open=1, sent=1), None),
        (Progress(open=1, out_of_patience=True), Why.PATIENCE),
        (Progress(by_rule=1, sent=1), Why.BY_RULE),
        (Progress(failed=1, by_rule=1, sent=1), Why.FAILED),
        (Progress(sent=1, out_of_patience=True), Why.TOLD),
    ],
)
def test_a_stage_is_over_when_none_of_its_messages_is_open_or_its_time_is_up(progress: Progress, why: Why | None):
    """D3.8"""
    assert is_over(progress) is why


def test_the_record_says_that_a_stage_was_opened_without_the_one_before():
    """D3.8"""
    assert sentence(Stage.SPEAKERS, Why.PATIENCE) == (
        "the old and the new speaker: opened without the head after 15 minutes"
    )
    assert sentence(Stage.DEPARTMENTS, Why.BY_RULE).endswith("waits by rule for a school day or the end of a week")


def test_departments_open_before_the_feed_and_people_make_the_stages():
    assert (opens_with("finance"), opens_with(FEED), opens_with(PEOPLE)) == (Stage.DEPARTMENTS, Stage.FEED, None)
