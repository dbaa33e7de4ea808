"""Links of the register: every kind has its meaning, and of two schools at most one continues the other (D3.11)."""

import csv
import itertools
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from services.membership.domain.links import LINK_TYPES, Kind, Known, Link, Relation, Says, as_table, begins, relation

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "infra" / "demo" / "data"
OPEN = Known(None, False, None)
CLOSED = Known(None, True, None)
EARLY, LATE = date(2024, 7, 17), date(2025, 4, 22)


def link(urn: str, other: str, kind: str, on: date | None = None, as_at: date = EARLY) -> Link:
    return Link(urn, other, kind, on, f"links {as_at}", as_at)


def test_every_kind_of_link_of_the_two_files_and_of_all_england_stands_in_the_table() -> None:
    """A kind that the register brings in fails here, until somebody has said what it means."""
    with (DATA / "gias_link_types_20250422.csv").open(newline="") as file:
        listed = [row["link_type"] for row in csv.DictReader(file)]
    assert sorted(each.name for each in LINK_TYPES.values()) == sorted(listed)


@pytest.mark.parametrize("day", ["20240717", "20250422"])
def test_the_counts_of_kinds_are_those_of_the_files(day: str) -> None:
    with (DATA / f"gias_links_{day}_warwickshire_bristol.csv").open(newline="") as file:
        found = Counter(row["LinkType"] for row in csv.DictReader(file))
    with (DATA / "gias_link_types_20250422.csv").open(newline="") as file:
        listed = {row["link_type"]: int(row[f"warwickshire_bristol_{day}"]) for row in csv.DictReader(file)}
    assert dict(found) == {kind: count for kind, count in listed.items() if count}
    assert all(kind.lower() in LINK_TYPES for kind in found)


def test_the_page_of_links_is_the_table() -> None:
    assert as_table() in (ROOT / "docs" / "continuity.md").read_text()


def test_a_kind_that_means_something_says_which_school_is_the_later_one_or_that_the_register_does_not() -> None:
    for each in LINK_TYPES.values():
        assert (each.kind is None) == (each.says is Says.NOTHING)
        assert each.means


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("2", "1", "Predecessor")], Relation("2", "1", Kind.CONTINUES)),
        ([("1", "2", "Successor")], Relation("2", "1", Kind.CONTINUES)),
        ([("1", "2", "Successor"), ("2", "1", "Predecessor - merged")], Relation("2", "1", Kind.MERGED)),
        ([("1", "2", "Successor - Split School"), ("2", "1", "Predecessor")], Relation("2", "1", Kind.SPLIT)),
        ([("1", "2", "Result of Amalgamation")], Relation("2", "1", Kind.AMALGAMATED)),
        (
            [("1", "2", "Result of Amalgamation"), ("2", "1", "Result of Amalgamation")],
            Relation("2", "1", Kind.AMALGAMATED),
        ),
        ([("1", "2", "Merged - change in age range"), ("2", "1", "Closure")], Relation("2", "1", Kind.MERGED)),
        ([("1", "2", "Closure")], None),
        ([("1", "2", "Sixth Form Centre Link")], None),
        ([("1", "2", "Other"), ("2", "1", "Expansion")], None),
        ([("1", "2", "Something new")], None),
    ],
)
def test_two_lines_about_two_schools_give_one_relation(
    lines: list[tuple[str, str, str]], expected: Relation | None
) -> None:
    """School 1 has closed, school 2 is open."""
    for order in itertools.permutations(lines):
        found = relation([link(*each) for each in order], {"1": CLOSED, "2": OPEN})
        assert (found and (found.urn, found.predecessor_urn, found.kind)) == (
            expected and (expected.urn, expected.predecessor_urn, expected.kind)
        )


def test_of_two_open_schools_neither_has_taken_the_others_place_where_the_line_does_not_say() -> None:
    lines = [link("1", "2", "Result of Amalgamation")]
    assert relation(lines, {"1": OPEN, "2": OPEN}) is None
    assert relation(lines, {}) is None  # not in the register yet


def test_of_two_that_closed_the_one_that_closed_later_is_the_later_one() -> None:
    """107025 took 107105 in and closed itself years after."""
    lines = [link("2", "1", "Merged - change in age range"), link("1", "2", "Merged - change in age range")]
    known = {"1": Known(None, True, date(2024, 1, 1)), "2": Known(None, True, date(2018, 9, 1))}
    found = relation(lines, known)
    assert found is not None
    assert (found.urn, found.predecessor_urn) == ("1", "2")


def test_a_line_that_the_later_file_turned_round_counts_whichever_was_read_first() -> None:
    """145470 and 149728."""
    lines = [
        link("145470", "149728", "Successor - amalgamated", as_at=EARLY),
        link("149728", "145470", "Predecessor - amalgamated", as_at=EARLY),
        link("145470", "149728", "Predecessor - amalgamated", as_at=LATE),
        link("149728", "145470", "Successor - amalgamated", as_at=LATE),
    ]
    for order in itertools.permutations(lines):
        found = relation(order, {})
        assert found is not None
        assert (found.urn, found.predecessor_urn, found.source_as_at) == ("145470", "149728", LATE)


def test_the_day_is_that_of_the_school_that_follows_else_of_the_other() -> None:
    both = [
        link("1", "2", "Successor", date(2024, 8, 31)),
        link("2", "1", "Predecessor", date(2024, 9, 1)),
    ]
    assert relation(both, {}) == Relation("2", "1", Kind.CONTINUES, date(2024, 9, 1), f"links {EARLY}", EARLY)
    alone = relation(both[:1], {})
    assert alone is not None
    assert alone.from_date == date(2024, 8, 31)


@pytest.mark.parametrize(
    ("stated", "opened_on", "expected"),
    [
        (None, date(2024, 9, 1), date(2024, 9, 1)),  # blank: the opening of the school that follows
        (date(2024, 8, 31), date(2024, 9, 1), date(2024, 9, 1)),  # the other's last day
        (date(2024, 4, 1), date(2024, 9, 1), date(2024, 9, 1)),  # the day that was planned (Wilmcote, 150651)
        (date(2020, 8, 31), date(1990, 9, 1), date(2020, 8, 31)),  # a school that existed took another one in
        (date(2024, 9, 1), None, date(2024, 9, 1)),
        (None, None, None),  # nothing follows yet
    ],
)
def test_a_school_continues_another_from_its_opening_or_from_the_day_on_which_it_took_it_in(
    stated: date | None, opened_on: date | None, expected: date | None
) -> None:
    assert begins(stated, opened_on) == expected
