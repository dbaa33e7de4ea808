"""How many schools a system leader has, and whether she is the trust's own (W-18)."""

from datetime import date
from uuid import uuid5

import pytest

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.leader_load import (
    Against,
    HeadedSchool,
    IsTheTrustsOwn,
    TooManySchools,
    against,
    conflict,
    most_at_once,
)
from services.membership.domain.trust import InTrust
from tests.unit.membership.known import SPACE, person

LEADER = person("the leader")


def allocation(urn: str, from_date: date, until: date | None = None) -> Allocation:
    return Allocation(uuid5(SPACE, f"{urn}{from_date}"), urn, LEADER, from_date, until)


JANUARY, MARCH, JUNE = date(2024, 1, 1), date(2024, 3, 1), date(2024, 6, 1)
NEW = allocation("900009", MARCH)


def test_only_schools_of_the_same_days_count_together() -> None:
    """W-18"""
    before = allocation("900001", JANUARY, MARCH)
    later = allocation("900002", JUNE)
    now = allocation("900003", JANUARY)
    assert most_at_once([], NEW) == 1
    assert most_at_once([before], NEW) == 1
    assert most_at_once([before, now], NEW) == 2
    assert most_at_once([before, now, later], NEW) == 3  # from June on
    assert most_at_once([now, later], allocation("900009", MARCH, JUNE)) == 2


def test_a_limit_that_is_not_stated_stops_nobody() -> None:
    """R0.7, W-18"""
    held = [allocation(f"9000{number}", JANUARY) for number in range(10, 40)]
    assert not against(NEW, held, None, None, None)


def test_above_the_limit_a_reason_is_needed_and_up_to_it_none() -> None:
    """W-18"""
    held = [allocation("900001", JANUARY)]
    assert not against(NEW, held, 2, None, None)
    with pytest.raises(TooManySchools, match="has 2 schools at once, and the authority's limit is 1"):
        against(NEW, held, 1, None, None)
    with pytest.raises(TooManySchools):
        against(NEW, held, 1, None, "  ")
    assert against(NEW, held, 1, None, "Only for a term") == Against(True, None)


def contact(trust_id: str = "7001", from_date: date = JANUARY, until: date | None = None) -> TrustContact:
    return TrustContact(trust_id, "school-improvement-partner", LEADER, from_date, until)


def in_trust(
    trust_id: str | None = "7001", from_date: date = date.min, until: date | None = None, urn: str = "900009"
) -> list[InTrust]:
    return [InTrust(urn, trust_id, from_date, until)] if trust_id else []


def heads(trust_id: str | None = "7001", from_date: date = JANUARY, until: date | None = None) -> HeadedSchool:
    return HeadedSchool(Headship(LEADER, "900005", from_date, until), in_trust(trust_id, urn="900005"))


def test_who_is_of_the_schools_own_trust_is_in_conflict() -> None:
    """W-18"""
    said = conflict(NEW, in_trust(), [], [contact()])
    assert said == "This system leader is the school improvement partner of the school's own trust"
    assert conflict(NEW, in_trust(), [heads()], []) == "This system leader heads 900005, a school of the same trust"
    with pytest.raises(IsTheTrustsOwn, match="from outside the trust"):
        against(NEW, [], None, said, None)
    assert against(NEW, [], None, said, "Nobody else") == Against(False, said)


@pytest.mark.parametrize("trust_id", [None, "7002"])
def test_who_is_of_another_trust_is_in_none_nor_is_anybody_at_a_school_without_a_trust(trust_id: str | None) -> None:
    """W-18"""
    assert conflict(NEW, in_trust(trust_id), [heads()], [contact()]) is None
    assert conflict(NEW, in_trust(trust_id), [heads(None)], []) is None


def test_who_left_the_trust_before_the_allocation_or_comes_after_it_is_in_none() -> None:
    """W-18"""
    assert conflict(NEW, in_trust(), [heads(until=MARCH)], [contact(until=MARCH)]) is None
    ended = allocation("900009", MARCH, JUNE)
    assert conflict(ended, in_trust(), [heads(from_date=JUNE)], [contact(from_date=JUNE)]) is None


def test_a_trust_counts_on_the_days_on_which_the_schools_are_in_it() -> None:
    """W-18: that of the school before or after the allocation, or of the headed school on other days, makes no conflict."""
    elsewhere_by_then = in_trust(until=MARCH) + in_trust("7002", MARCH)
    assert conflict(NEW, elsewhere_by_then, [heads()], [contact()]) is None
    joins = in_trust("7002", until=JUNE) + in_trust(from_date=JUNE)
    assert conflict(NEW, joins, [], [contact()]) is not None  # the allocation goes on
    assert conflict(allocation("900009", MARCH, JUNE), joins, [heads()], [contact()]) is None
    left = HeadedSchool(heads().headship, in_trust(until=MARCH, urn="900005"))
    assert conflict(NEW, in_trust(), [left], []) is None
