"""Taking up and ending an office: what is refused, and in which sentence (W-04)."""

from datetime import date

import pytest

from services.membership.domain import office
from services.membership.domain.appointment import AlreadyAllocated, HeadsTheSchool, allocate
from services.membership.domain.office import (
    AlreadyEnded,
    ChairIsFilled,
    EndsBeforeItBegins,
    HoldsTheOtherPost,
    PostIsHeld,
    UnknownPost,
    UnknownRoute,
)
from tests.unit.membership.known import a_term, allocated, heads_it

HELD = [a_term("chair", "the chair"), a_term("deputy", "the deputy")]


def test_a_post_that_is_held_is_refused_with_its_dates() -> None:
    with pytest.raises(PostIsHeld, match="The post of chair is held from 1 September 2023 with no end"):
        office.take_up(HELD, a_term("chair", "somebody", date(2024, 1, 1)))


def test_a_post_can_be_taken_up_on_the_day_on_which_the_last_term_ends() -> None:
    ended = [a_term("chair", "the chair", until=date(2024, 1, 1))]
    assert office.take_up(ended, a_term("chair", "somebody", date(2024, 1, 1))).post == "chair"


def test_a_term_that_would_run_into_a_later_one_is_refused() -> None:
    later = [a_term("chair", "the next", date(2024, 6, 1))]
    with pytest.raises(PostIsHeld):
        office.take_up(later, a_term("chair", "somebody", date(2024, 1, 1)))
    assert office.take_up(later, a_term("chair", "somebody", date(2024, 1, 1), date(2024, 6, 1)))


@pytest.mark.parametrize(("post", "who"), [("chair", "the deputy"), ("deputy", "the chair")])
def test_one_person_cannot_hold_both_posts(post: str, who: str) -> None:
    others = [term for term in HELD if term.post != post]
    with pytest.raises(HoldsTheOtherPost, match="one person can't hold both posts"):
        office.take_up(others, a_term(post, who, date(2024, 1, 1)))


def test_the_deputy_may_act_as_chair_while_the_chair_is_vacant_and_not_otherwise() -> None:
    acting = a_term("acting-chair", "the deputy", date(2024, 1, 1))
    assert office.take_up(HELD[1:], acting) is acting
    with pytest.raises(ChairIsFilled):
        office.take_up(HELD, acting)


def test_whoever_acts_as_chair_steps_back_when_a_chair_takes_up_the_office() -> None:
    acting = a_term("acting-chair", "the deputy", date(2024, 1, 1))
    chair = a_term("chair", "somebody", date(2024, 3, 1))
    ended = office.acting_chair_steps_back([acting], chair)
    assert ended is not None
    assert ended.until == date(2024, 3, 1)
    assert office.acting_chair_steps_back([], chair) is None


def test_a_term_cannot_end_before_it_begins_nor_twice() -> None:
    with pytest.raises(EndsBeforeItBegins, match="enter the first day no longer in office"):
        office.end(HELD[0], date(2023, 9, 1))
    with pytest.raises(AlreadyEnded, match="ended on 1 January 2024"):
        office.end(a_term("chair", "the chair", until=date(2024, 1, 1)), date(2024, 2, 1))


def test_a_planned_end_can_be_brought_forward() -> None:
    planned = a_term("chair", "the chair", until=date(2024, 9, 1))
    assert office.end(planned, date(2024, 6, 1)).until == date(2024, 6, 1)


def test_a_post_or_route_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownPost, match="secretary is not a post"):
        office.take_up([], a_term("secretary", "somebody"))
    by_lot = a_term("chair", "somebody")
    with pytest.raises(UnknownRoute, match="lot is not a route"):
        office.take_up([], office.Term(*(getattr(by_lot, name) for name in _BUT_ROUTE), "lot"))


_BUT_ROUTE = ("term_id", "office_id", "body_id", "post", "person_id", "from_date", "until")


def test_nobody_is_allocated_to_the_school_that_they_head() -> None:
    """W-18"""
    with pytest.raises(HeadsTheSchool, match="nobody is allocated to the school that they head"):
        allocate([], [heads_it("the leader")], allocated("the leader"))
    left = heads_it("the leader", until=date(2023, 9, 1))
    assert allocate([], [left], allocated("the leader"))


def test_a_school_has_one_system_leader_at_a_time() -> None:
    """W-18"""
    with pytest.raises(AlreadyAllocated, match="end that allocation first"):
        allocate([allocated("the leader")], [], allocated("another", date(2024, 1, 1)))
