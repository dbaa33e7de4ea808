"""Every rule by which the duty desk answers says what would cure it (W-15, W-18, R0.3)."""

import ast
import inspect
from datetime import date
from types import ModuleType

import pytest

from services.membership.domain import desk_queue, failed_day, inspection_call, representation
from services.membership.domain.desk_queue import CURES, UNKNOWN_CURE, Place, cure_of
from services.membership.use_cases import turn_days
from services.membership.use_cases.desk_queue import UnknownCursor, place_of


def rules_of_the_desk(module: ModuleType) -> set[str]:
    """The rules that a module's source gives the duty desk, however a call is laid out."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "_desk":
            rule = node.args[0]
        elif node.func.id == "Speaker" and ast.unparse(node.args[0]) == "Role.DUTY_DESK":
            rule = node.args[1]
        else:
            continue
        if isinstance(rule, ast.Constant):
            found.add(str(rule.value))
        elif isinstance(rule, ast.Name) and hasattr(module, rule.id):
            found.add(str(getattr(module, rule.id)))
        else:  # only `_desk` itself hands on what it is given
            assert ast.unparse(rule) == "rule"
    return found


def test_every_rule_by_which_the_duty_desk_answers_has_a_cure_and_no_cure_is_for_a_rule_that_is_gone() -> None:
    """W-15"""
    rules = rules_of_the_desk(representation) | rules_of_the_desk(inspection_call)
    assert len(rules_of_the_desk(representation)) >= 12
    assert rules == set(CURES)


def test_a_rule_that_nobody_wrote_a_cure_for_does_not_hide_the_queue() -> None:
    assert cure_of("a-new-rule") == UNKNOWN_CURE
    assert cure_of("maintained-3-4-unallocated") == "Allocate a system leader"


def test_the_urgent_comes_before_the_old() -> None:
    assert list(desk_queue.Urgency) == sorted(desk_queue.Urgency)
    assert desk_queue.Urgency.INSPECTED < desk_queue.Urgency.WEAK < desk_queue.Urgency.UNANSWERED


def test_a_cursor_names_the_place_that_it_was_made_from() -> None:
    place = Place(2, date(2024, 3, 1), "desk-answers", "900001")
    assert place_of(place.as_cursor()) == place
    assert place_of(None) == desk_queue.BEFORE_ALL


@pytest.mark.parametrize("cursor", ["1", "2.20240231.desk-answers.900001", "2.20240301.desk-answers.'; --", "x" * 99])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(UnknownCursor):
        place_of(cursor)


def test_every_kind_of_fact_that_waits_for_its_day_has_words_for_the_officer_who_hears_that_it_failed() -> None:
    """D3.10"""
    assert set(failed_day.WORDS) >= turn_days.KINDS
