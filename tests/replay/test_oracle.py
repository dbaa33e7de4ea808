"""The oracle by itself: what Ofsted's file holds, counted, before anything is compared with it."""

import ast
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.replay import oracle


def test_the_file_has_406_schools_of_which_57_are_not_judged_6_never_inspected_and_58_judged_as_a_predecessor() -> None:
    assert len(oracle.management_information()) == 406
    assert len(oracle.not_judged()) == 57
    assert len(oracle.never_inspected()) == 6
    assert len(oracle.judged_as_a_predecessor()) == 58


@pytest.mark.parametrize(
    ("grades", "category"),
    [
        (("1", "", "1", "1", "Yes"), 1),
        (("2", "", "9", "3", "9"), 2),
        (("3", "", "3", "3", "Yes"), 3),
        (("4", "SM", "4", "4", "No"), 4),
        (("3", "SWK", "3", "4", "Yes"), 4),
        (("2", "", "2", "2", "No"), 4),
        (("Not judged", "", "2", "3", "Yes"), 3),
        (("Not judged", "", "3", "2", "Yes"), 3),
        (("Not judged", "SM", "4", "4", "Yes"), 4),
        (("Not judged", "", "1", "1", "Yes"), 1),
    ],
)
def test_the_table_of_the_default_policy(grades: tuple[str, str, str, str, str], category: int) -> None:
    """R0.1"""
    assert oracle.category_by_the_table(*grades) == category


def test_a_converter_inherits_from_the_day_it_opens_and_a_sponsored_school_never_does() -> None:
    """R0.1"""
    assert oracle.expected("151505", date(2025, 3, 31)).category is None  # a converter, the day before it opens
    assert oracle.expected("151505", date(2025, 4, 1)) == oracle.Expected(2, "inherited from 130867", "10290574")
    assert oracle.expected("151302").category is None  # sponsor led; its predecessor was in special measures


def test_the_spread_of_expected_categories_is_known() -> None:
    spread = Counter(oracle.expected(urn).category for urn in oracle.management_information())
    assert sum(spread.values()) == 406
    assert spread[None] == 6 + 6  # never inspected, and sponsor-led academies judged only as their predecessors


def test_the_oracle_shares_no_code_with_the_service_that_it_checks() -> None:
    tree = ast.parse(Path(oracle.__file__).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in imported if module.split(".")[0] in {"services", "shared", "infra"}]
