"""When a school's new speaker is a matter for the Area Analysis Group, and when no longer."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.meetings.domain.agenda import (
    STANDING_ITEMS,
    LiveItem,
    Post,
    SpeakerChange,
    Speakers,
    settle,
    what_the_group_must_hear,
)
from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP, Meeting
from services.meetings.domain.place import Place
from services.meetings.inbound import post_of
from shared.contracts.membership import Speaker

CHAIR = Speakers(Post("chair", body_id=UUID(int=1)), Post("chair", body_id=UUID(int=1)))
LEADER = Speakers(Post("system-leader"), Post("system-leader"))
DESK = Speakers(Post("duty-desk"), Post("duty-desk"))
SPEAKERS = (CHAIR, LEADER, DESK)
GROUP = UUID(int=9)
MAY, JUNE = date(2025, 5, 12), date(2025, 6, 16)


def change(number: int, before: Speakers, after: Speakers, known_from: date | None) -> SpeakerChange:
    return SpeakerChange(Place("937", 1, number, UUID(int=number)), before, after, known_from)


def meeting(on: date) -> Meeting:
    return Meeting(UUID(int=on.toordinal()), GROUP, AREA_ANALYSIS_GROUP, on)


def test_a_new_speaker_goes_on_the_next_agenda() -> None:
    """W-25"""
    fell = change(1, CHAIR, LEADER, MAY)
    decision = settle([fell], last_meeting=None, next_meeting=meeting(JUNE), live=[])
    assert (decision.place_on, decision.withdraw, decision.because) == (meeting(JUNE), (), fell)


def test_a_second_move_before_the_meeting_adds_no_second_item() -> None:
    changes = [change(1, CHAIR, LEADER, MAY), change(2, LEADER, DESK, MAY)]
    standing = LiveItem(uuid4(), meeting(JUNE).meeting_id)
    assert settle(changes, last_meeting=None, next_meeting=meeting(JUNE), live=[standing]).nothing


def test_a_change_reversed_before_the_meeting_withdraws_its_item() -> None:
    reversal = change(2, LEADER, CHAIR, MAY)
    standing = LiveItem(uuid4(), meeting(JUNE).meeting_id)
    decision = settle(
        [change(1, CHAIR, LEADER, MAY), reversal], last_meeting=None, next_meeting=meeting(JUNE), live=[standing]
    )
    assert (decision.place_on, decision.withdraw, decision.because) == (None, (standing,), reversal)


def test_a_change_reversed_while_no_meeting_is_scheduled_never_reaches_an_agenda() -> None:
    changes = [change(1, CHAIR, LEADER, MAY), change(2, LEADER, CHAIR, MAY)]
    assert settle(changes, last_meeting=None, next_meeting=meeting(JUNE), live=[]).nothing


def test_with_no_meeting_scheduled_the_item_waits() -> None:
    fell = change(1, CHAIR, LEADER, MAY)
    assert settle([fell], last_meeting=None, next_meeting=None, live=[]).nothing
    assert settle([fell], last_meeting=None, next_meeting=meeting(JUNE), live=[]).place_on == meeting(JUNE)


def test_a_reversal_after_the_meeting_is_news_for_the_following_one() -> None:
    back = change(2, LEADER, CHAIR, JUNE)
    assert what_the_group_must_hear([change(1, CHAIR, LEADER, MAY), back], last_meeting=MAY) == back


def test_what_the_group_heard_is_not_put_to_it_again() -> None:
    assert what_the_group_must_hear([change(1, CHAIR, LEADER, MAY)], last_meeting=MAY) is None


def test_an_item_follows_the_next_meeting_when_an_earlier_one_is_called() -> None:
    standing = LiveItem(uuid4(), meeting(JUNE).meeting_id)
    decision = settle([change(1, CHAIR, LEADER, MAY)], last_meeting=None, next_meeting=meeting(MAY), live=[standing])
    assert (decision.place_on, decision.withdraw) == (meeting(MAY), (standing,))


def test_an_untold_change_waits_for_the_school_to_be_told() -> None:
    """R0.8"""
    assert settle([change(1, CHAIR, LEADER, None)], last_meeting=None, next_meeting=meeting(JUNE), live=[]).nothing


def test_a_change_told_after_a_meeting_goes_on_the_agenda_of_the_one_after() -> None:
    """R0.8"""
    told = change(1, CHAIR, LEADER, JUNE)
    assert what_the_group_must_hear([told], last_meeting=MAY) == told


def test_a_public_change_that_undoes_an_untold_one_is_no_news() -> None:
    """R0.8: an item would give the untold change away."""
    assert what_the_group_must_hear([change(1, CHAIR, LEADER, None), change(2, LEADER, CHAIR, MAY)], None) is None


def test_a_public_change_after_an_untold_one_and_its_reversal_is_news() -> None:
    public = change(3, CHAIR, LEADER, MAY)
    changes = [change(1, CHAIR, LEADER, None), change(2, LEADER, CHAIR, None), public]
    assert what_the_group_must_hear(changes, None) == public


def test_an_untold_change_told_late_does_not_repeat_what_the_group_heard_since() -> None:
    changes = [change(1, CHAIR, LEADER, JUNE), change(2, LEADER, DESK, MAY)]
    assert what_the_group_must_hear(changes, last_meeting=MAY) is None


@pytest.mark.parametrize("role", ["chair", "system-leader"])
def test_whoever_holds_a_post_it_is_the_same_post(role: str) -> None:
    """A new chair, or another system leader, does not keep a reversed change of category alive."""
    office = UUID(int=5) if role == "chair" else None
    first, second = (Speaker(role=role, office_id=office, person_id=UUID(int=n), rule="r") for n in (1, 2))
    assert post_of(first) == post_of(second)


def test_the_chairs_of_two_bodies_are_two_posts() -> None:
    first, second = (Speaker(role="chair", body_id=UUID(int=n), rule="r") for n in (1, 2))
    assert post_of(first) != post_of(second)


def test_standing_items_name_no_school_and_no_number() -> None:
    """R0.8"""
    assert not any(character.isdigit() for lines in STANDING_ITEMS.values() for line in lines for character in line)


moves = st.tuples(st.just("move"), st.sampled_from(SPEAKERS))
days = st.tuples(st.just("days"), st.integers(1, 40))
calls = st.tuples(st.just("call"), st.integers(0, 60))


@given(st.lists(st.one_of(moves, days, calls), max_size=30))
def test_at_most_one_item_lives_for_a_school_and_exactly_while_the_group_knows_another_speaker(
    steps: list[tuple[str, Any]],
) -> None:
    """Any sequence of moves between categories, days that pass and meetings that are called."""
    today, now, when_last_met = date(2025, 1, 6), CHAIR, CHAIR
    changes: list[SpeakerChange] = []
    meetings: set[date] = set()
    items: dict[UUID, tuple[date, bool]] = {}  # item -> day of its meeting, still live
    for what, value in steps:
        if what == "days":
            evening = today + timedelta(days=value)
            if any(today <= on < evening for on in meetings):
                when_last_met = now
            today = evening
        elif what == "call":
            meetings.add(today + timedelta(days=value))
        elif value != now:
            changes.append(change(len(changes) + 1, now, value, today))
            now = value
        past = {item for item, (on, _) in items.items() if on < today}
        live = [LiveItem(item, meeting(on).meeting_id) for item, (on, lives) in items.items() if lives and on >= today]
        decision = settle(
            changes,
            last_meeting=max((on for on in meetings if on < today), default=None),
            next_meeting=min((meeting(on) for on in meetings if on >= today), key=lambda one: one.on, default=None),
            live=live,
        )
        for gone in decision.withdraw:
            assert gone.item_id not in past
            assert items[gone.item_id][1], "withdrawn twice"
            items[gone.item_id] = (items[gone.item_id][0], False)
        if decision.place_on is not None:
            items[uuid4()] = (decision.place_on.on, True)
        to_come = [on for on, lives in items.values() if lives and on >= today]
        expected = [min(on for on in meetings if on >= today)] if any(on >= today for on in meetings) else []
        assert to_come == (expected if now != when_last_met else [])
