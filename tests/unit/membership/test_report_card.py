"""The table of report cards in the policy `ofsted` (R0.1): a published reading, not Ofsted's."""

import pytest

from services.membership.domain.category import category_of_outcome
from services.membership.domain.report_card import Area, CardGrade, ReportCard
from tests.unit.membership.known import graded

EXPECTED = dict.fromkeys(Area, CardGrade.EXPECTED)
STRONG = dict.fromkeys(Area, CardGrade.STRONG)


def card(grades: dict[Area, CardGrade], **changes: CardGrade) -> ReportCard:
    found = ReportCard.of({**grades, **{Area[name]: grade for name, grade in changes.items()}})
    assert found is not None
    return found


@pytest.mark.parametrize("area", Area)
def test_any_area_in_urgent_improvement_is_category_4_whatever_the_rest(area: Area) -> None:
    """R0.1"""
    grades = card(STRONG | {Area.ACHIEVEMENT: CardGrade.NEEDS_ATTENTION}, **{area.name: CardGrade.URGENT})
    assert grades.category == 4


@pytest.mark.parametrize("area", Area)
def test_any_area_that_needs_attention_is_category_3_where_none_is_urgent(area: Area) -> None:
    """R0.1"""
    assert card(STRONG, **{area.name: CardGrade.NEEDS_ATTENTION}).category == 3


def test_all_areas_at_the_strong_standard_or_better_are_category_1() -> None:
    """R0.1"""
    assert card(STRONG).category == card(STRONG, INCLUSION=CardGrade.EXCEPTIONAL).category == 1


@pytest.mark.parametrize("area", Area)
def test_one_area_at_the_expected_standard_and_none_below_is_category_2(area: Area) -> None:
    """R0.1"""
    assert card(STRONG, **{area.name: CardGrade.EXPECTED}).category == 2


def test_areas_that_were_not_graded_are_left_out_and_change_nothing() -> None:
    graded_areas = {area: grade for area, grade in STRONG.items() if area not in (Area.EARLY_YEARS, Area.POST_16)}
    assert card(graded_areas).category == 1
    assert ReportCard.of({}) is None


def test_safeguarding_not_met_or_a_category_of_concern_is_category_4_whatever_the_card() -> None:
    """R0.1"""
    assert category_of_outcome(graded(report_card=card(STRONG), safeguarding_effective=False)) == 4
    assert category_of_outcome(graded(report_card=card(STRONG), category_of_concern="RSI")) == 4
    assert category_of_outcome(graded(report_card=card(STRONG), safeguarding_effective=True)) == 1


def test_an_ungraded_inspection_changes_nothing_even_with_a_card() -> None:
    """R0.1"""
    assert category_of_outcome(graded(report_card=card(STRONG), kind="ungraded")) is None


def test_a_card_is_the_same_whatever_the_order_in_which_its_areas_were_written() -> None:
    backwards = dict(reversed(list(EXPECTED.items())))
    assert ReportCard.of(backwards) == ReportCard.of(EXPECTED)
    assert ReportCard.of(card(EXPECTED).as_names()) == card(EXPECTED)
