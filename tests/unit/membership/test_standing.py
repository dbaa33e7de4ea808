"""The days on which a school has to be looked at again, and the days on which a late fact was not known."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.membership.domain.body import Membership
from services.membership.domain.category import CategoryPolicy
from services.membership.domain.standing import Facts, category_corrected, next_change, standing
from tests.unit.membership.known import (
    ABBEY,
    DAY,
    URN,
    a_school,
    a_term,
    allocated,
    an_entry,
    circumstances,
    graded,
    heads_it,
    trust_contact,
)

LATER = DAY + timedelta(days=30)
EARLY = date(2023, 1, 1)


def facts(school: dict[str, Any] | None = None, *, outcomes: Any = (), entries: Any = (), **around: Any) -> Facts:
    bare: dict[str, Any] = {"terms": [], "in_abbey": False}
    return Facts(
        circumstances(a_school(**(school or {})), **(bare | around)), CategoryPolicy(), outcomes, entries=entries
    )


@pytest.mark.parametrize(
    "known",
    [
        facts({"opened_on": LATER}),
        facts({"closed_on": LATER}),
        facts(outcomes=[graded(2, published=LATER)]),
        facts(entries=[an_entry(3, LATER)]),
        facts(entries=[an_entry(3, EARLY, lifted_on=LATER)]),
        facts(terms=[a_term("chair", "her", LATER)]),
        facts(terms=[a_term("chair", "her", EARLY, LATER)]),
        facts(allocations=[allocated("her", LATER)]),
        facts(allocations=[allocated("her", EARLY, LATER)]),
        facts(headships=[heads_it("her", from_date=LATER)]),
        facts(headships=[heads_it("her", from_date=EARLY, until=LATER)]),
        facts(trust_contacts=[replace(trust_contact("chief-executive", "her"), from_date=LATER)]),
        facts(trust_contacts=[replace(trust_contact("chief-executive", "her"), from_date=EARLY, until=LATER)]),
    ],
)
def test_every_date_among_the_facts_is_a_day_to_look_again(known: Facts) -> None:
    """D3.10"""
    assert next_change(known, DAY) == LATER
    assert next_change(known, LATER) is None


def test_joining_and_leaving_a_body_are_days_to_look_again() -> None:
    around = replace(circumstances(terms=[]), memberships=[Membership(ABBEY, URN, DAY, LATER, True)])
    known = Facts(around, CategoryPolicy())
    assert next_change(known, EARLY) == DAY
    assert next_change(known, DAY) == LATER


def test_nobody_is_named_for_a_closed_school_or_one_that_is_not_state_funded() -> None:
    for known in (facts({"closed_on": DAY}), facts({"opened_on": LATER}), facts({"type_code": "11"})):
        now = standing(known, DAY)
        assert (now.general, now.inspection, now.public_role) == (None, None, None)


def test_an_outcome_that_was_not_known_corrects_the_days_until_the_next_one() -> None:
    """D3.10"""
    next_one = graded(2, published=date(2024, 2, 1))
    late = graded(4, published=date(2024, 1, 10))
    before, after = facts(outcomes=[next_one]), facts(outcomes=[next_one, late])
    assert category_corrected(before, after, late.published_on, DAY) == (date(2024, 1, 10), date(2024, 2, 1))


def test_an_outcome_that_changes_no_day_corrects_nothing() -> None:
    """D3.10"""
    known = facts(outcomes=[graded(2, published=date(2023, 12, 1))], entries=[an_entry(3, date(2024, 1, 1))])
    late = graded(4, published=date(2024, 1, 10))
    after = replace(known, outcomes=[*known.outcomes, late])
    assert category_corrected(known, after, late.published_on, DAY) is None
