"""The days on which a school has to be looked at again, and the days on which a late fact was not known."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.membership.domain.adopted import Adopted, always
from services.membership.domain.body import Membership
from services.membership.domain.category import CategoryPolicy
from services.membership.domain.representation import Role
from services.membership.domain.routing_policy import BRISTOL, WARWICKSHIRE
from services.membership.domain.standing import Correction, Facts, corrected, next_change, standing
from services.membership.domain.trust import InTrust
from tests.unit.membership.known import (
    ABBEY,
    DAY,
    PREDECESSOR,
    URN,
    a_school,
    a_term,
    allocated,
    an_academy,
    an_entry,
    circumstances,
    continues,
    graded,
    heads_it,
    trust_contact,
)

LATER = DAY + timedelta(days=30)
EARLY = date(2023, 1, 1)


def facts(school: dict[str, Any] | None = None, *, outcomes: Any = (), entries: Any = (), **around: Any) -> Facts:
    bare: dict[str, Any] = {"terms": [], "in_abbey": False}
    return Facts(
        circumstances(a_school(**(school or {})), **(bare | around)),
        always(CategoryPolicy()),
        outcomes,
        entries=entries,
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
        facts(trusts=[InTrust(URN, "7001", LATER, None)]),
        facts(trusts=[InTrust(URN, "7001", date.min, LATER)]),
        facts(trust_contacts=[replace(trust_contact("chief-executive", "her"), from_date=EARLY, until=LATER)]),
    ],
)
def test_every_date_among_the_facts_is_a_day_to_look_again(known: Facts) -> None:
    """D3.10"""
    assert next_change(known, DAY) == LATER
    assert next_change(known, LATER) is None


def test_joining_and_leaving_a_body_are_days_to_look_again() -> None:
    around = replace(circumstances(terms=[]), memberships=[Membership(ABBEY, URN, DAY, LATER, True)])
    known = Facts(around, always(CategoryPolicy()))
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
    wrong = Correction("category-in-force", date(2024, 1, 10), date(2024, 2, 1))
    assert corrected(before, after, late.published_on, DAY) == [wrong]


def test_an_outcome_that_changes_no_day_corrects_nothing() -> None:
    """D3.10"""
    known = facts(outcomes=[graded(2, published=date(2023, 12, 1))], entries=[an_entry(3, date(2024, 1, 1))])
    late = graded(4, published=date(2024, 1, 10))
    after = replace(known, outcomes=[*known.outcomes, late])
    assert corrected(known, after, late.published_on, DAY) == []


def test_an_allocation_recorded_late_corrects_who_would_have_spoken_and_nothing_else() -> None:
    """D3.10, R0.4: who spoke stays as it was known then; today's knowledge would have given another."""
    known = facts(outcomes=[graded(3, published=date(2023, 12, 1))])
    late = replace(known.circumstances, allocations=[allocated("her", date(2024, 1, 1), date(2024, 2, 1))])
    wrong = Correction("representation", date(2024, 1, 1), date(2024, 2, 1))
    assert corrected(known, replace(known, circumstances=late), date(2024, 1, 1), DAY) == [wrong]
    assert corrected(known, replace(known, circumstances=late), DAY, DAY) == []


def test_days_between_that_are_seen_as_before_are_in_no_correction() -> None:
    """D3.10, R0.4: whoever met while the authority's own entry stood went by nothing wrong."""
    entry = an_entry(3, date(2024, 1, 15), lifted_on=date(2024, 1, 25))
    known = facts(outcomes=[graded(2, published=date(2024, 2, 1))], entries=[entry])
    late = graded(4, published=date(2024, 1, 10))
    assert corrected(known, replace(known, outcomes=[*known.outcomes, late]), late.published_on, DAY) == [
        Correction("category-in-force", date(2024, 1, 10), date(2024, 1, 15)),
        Correction("category-in-force", date(2024, 1, 25), date(2024, 2, 1)),
    ]


def test_another_category_of_some_days_hides_no_other_speaker_of_the_others() -> None:
    """D3.10, R0.3: the register had the type wrong; what a converter inherits counts only from its publication."""
    published = date(2024, 1, 10)
    inherited = graded(4, urn=PREDECESSOR, published=published)
    known = Facts(circumstances(), always(CategoryPolicy()), [inherited], [continues()])
    right = replace(known, circumstances=circumstances(an_academy()))
    assert corrected(known, right, date(2024, 1, 1), DAY) == [
        Correction("representation", date(2024, 1, 1), published),
        Correction("category-in-force", published, DAY),
    ]


def test_a_policy_is_applied_from_its_day_and_that_day_is_one_to_look_again() -> None:
    """R0.3"""
    adopted = [Adopted(WARWICKSHIRE, None, LATER), Adopted(BRISTOL, LATER, None)]
    known = Facts(circumstances(policies=adopted), always(CategoryPolicy()))
    assert standing(known, LATER - timedelta(days=1)).general.role is Role.CHAIR
    assert standing(known, LATER).general.role is Role.IMPROVEMENT_DESK
    assert next_change(known, DAY) == LATER


def test_under_a_policy_that_the_authority_decides_an_outcome_decides_nothing() -> None:
    """R0.1"""
    known = facts(outcomes=[graded(4, published=date(2024, 1, 10))])
    theirs = replace(known, category_policies=always(CategoryPolicy("la")))
    assert standing(theirs, DAY).category.value is None
    assert "enter" in standing(theirs, DAY).category.sentence()
    entered = replace(theirs, entries=[an_entry(3, EARLY)])
    assert standing(entered, DAY).category.value == 3
    assert standing(entered, DAY).public_category.value is None


def test_a_withdrawn_outcome_decides_nothing() -> None:
    """R0.4"""
    gone = replace(graded(4, published=date(2024, 1, 10)), withdrawn=True)
    known = facts(outcomes=[graded(2, published=date(2023, 1, 10)), gone])
    assert standing(known, DAY).category.value == 2
