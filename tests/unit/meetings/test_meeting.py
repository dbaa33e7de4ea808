"""When a meeting may be put in the calendar."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.meetings.domain.meeting import (
    AREA_ANALYSIS_GROUP,
    HEADS,
    AlreadyMeetsThatDay,
    Body,
    BodyIsClosed,
    DayIsPast,
    Meeting,
    UnknownKindOfMeeting,
    WrongKindOfMeeting,
    schedule,
)

TODAY, MARCH = date(2025, 1, 13), date(2025, 3, 10)
CONSORTIUM = Body(UUID(int=1), "937", "primary-consortium", "Abbey", ["Rugby"], date(2017, 9, 1), None)
GROUP = replace(CONSORTIUM, body_id=UUID(int=2), kind=AREA_ANALYSIS_GROUP, name="Rugby Area Analysis Group")


def called(body: Body, kind: str, on: date, *, taken: bool = False) -> Meeting:
    return schedule(UUID(int=7), body, kind, on, taken=taken, today=TODAY)


def test_heads_and_area_meetings_are_called_today_or_later() -> None:
    """W-12"""
    assert called(CONSORTIUM, HEADS, TODAY).on == TODAY
    assert called(GROUP, AREA_ANALYSIS_GROUP, MARCH).kind == AREA_ANALYSIS_GROUP


def test_a_day_gone_by_is_refused_with_both_days() -> None:
    with pytest.raises(DayIsPast, match="12 January 2025: today is 13 January 2025"):
        called(CONSORTIUM, HEADS, date(2025, 1, 12))


def test_each_body_has_its_own_kind_of_meeting() -> None:
    with pytest.raises(WrongKindOfMeeting, match="Abbey is not an Area Analysis Group"):
        called(CONSORTIUM, AREA_ANALYSIS_GROUP, MARCH)
    with pytest.raises(WrongKindOfMeeting, match="its meetings are not heads' meetings"):
        called(GROUP, HEADS, MARCH)
    with pytest.raises(UnknownKindOfMeeting, match="Enter one of: heads, area-analysis-group"):
        called(GROUP, "board", MARCH)


def test_a_closed_body_does_not_meet() -> None:
    """W-01"""
    with pytest.raises(BodyIsClosed, match="closes on 10 March 2025"):
        called(replace(CONSORTIUM, closed_on=MARCH), HEADS, MARCH)


def test_a_body_meets_once_a_day() -> None:
    with pytest.raises(AlreadyMeetsThatDay, match="already has a meeting on 10 March 2025"):
        called(CONSORTIUM, HEADS, MARCH, taken=True)
