"""The other files of the registers, refused with the same care as establishments: Ofsted's two layouts, trusts and links."""

import csv
import io
from typing import Any

import pytest

from services.membership.use_cases.import_files import apply_next_chunk
from shared.refusal import Refusal
from shared.store import Store
from tests.store.membership.test_imports import DATA, OFSTED, TRUSTS, as_csv, count, send
from tests.unit.membership.test_registers_layouts import a_card

LINKS, GROUPS = "gias_links_20250422_warwickshire_bristol.csv", "gias_groups_20220718_warwickshire_bristol.csv"
CARDS = "cards"


def rows(kind: str) -> list[dict[str, str]]:
    """Three good lines of the file."""
    if kind == CARDS:
        return [a_card(URN=str(990_018 + number)) for number in range(3)]
    name = {"ofsted": OFSTED, "groups": GROUPS, "group-links": TRUSTS, "school-links": LINKS}[kind]
    lines = csv.DictReader(io.StringIO((DATA / name).read_text(encoding="utf-8"), newline=""))
    trusts = "groups", "group-links"
    wanted = [each for each in lines if kind not in trusts or each["Group Type"] == "Multi-academy trust"]
    return wanted[:3]


def changed(kind: str, **cells: str) -> bytes:
    """Of three good lines the second says something else."""
    return as_csv([row | cells if number == 1 else row for number, row in enumerate(rows(kind))])


NO_DAY = "There is no such day: look it up in the register and write it as dd-mm-yyyy."
NO_URN = "A URN has six digits: take the line from the register again."
NO_AUTHORITY = (
    "No authority has the code that its first three digits are: take the line from the file again; a new authority is added "
    "to services/membership/registers/authorities.csv."
)
LINES: list[tuple[str, str, str, str]] = [
    ("ofsted", "Publication date", "31/06/2025", NO_DAY),
    ("ofsted", "LAESTAB", "9992001", NO_AUTHORITY),
    ("ofsted", "URN", "=100000+1", NO_URN),
    (
        "ofsted",
        "Overall effectiveness",
        "=2",
        "Expected a grade from 1 to 4, or 9, 8, 0, Not judged or nothing for none.",
    ),
    (CARDS, "Publication date", "31/06/2026", NO_DAY),
    (CARDS, "LAESTAB", "9992001", NO_AUTHORITY),
    (CARDS, "URN", "990 18", NO_URN),
    ("groups", "Closed Date", "31-06-2021", NO_DAY),
    ("groups", "Group UID", "=7", "A group has a number of its own: take the line from the register again."),
    ("group-links", "Joined date", "31-06-2021", NO_DAY),
    ("group-links", "URN", "12345", NO_URN),
    ("school-links", "LinkEstablishedDate", "31-06-2021", NO_DAY),
    ("school-links", "LinkURN", "", NO_URN),
]


@pytest.mark.parametrize(("kind", "column", "value", "cure"), LINES, ids=lambda each: str(each)[:20])
async def test_a_bad_line_of_any_file_is_named_with_its_column_and_cure_and_the_file_refused(
    store: Store, kind: str, column: str, value: str, cure: str
) -> None:
    received = await send(store, _kind(kind), changed(kind, **{column: value}), "fault.csv")
    assert (received.state, received.problems_found) == ("refused", 1)
    (problem,) = received.problems
    assert (problem.line, problem.column, problem.value, problem.cure) == (3, column, value, cure)
    await _nothing_is_left(store)


# A column that tells one school or trust from another, and one in which two lines on the same may not differ.
TWICE = {
    "ofsted": ("URN", "School name"),
    CARDS: ("URN", "School name"),
    "groups": ("Group UID", "Group Name"),
    "group-links": ("URN", "Group Name"),
    "school-links": ("URN", "LinkEstablishedDate"),
}


@pytest.mark.parametrize("kind", TWICE)
async def test_two_lines_that_say_different_things_of_the_same_are_a_problem_in_any_file(
    store: Store, kind: str
) -> None:
    identity, differs = TWICE[kind]
    first = rows(kind)[0]
    other = first | {differs: "01-09-2020" if "Date" in differs else "Another name"}
    received = await send(store, _kind(kind), as_csv([*rows(kind), other]), "fault.csv")
    (problem,) = received.problems
    assert (received.state, problem.line, problem.column) == ("refused", 5, identity)
    assert problem.cure == "Line 2 says something else of the same: keep the one that is right."
    await _nothing_is_left(store)


MISSING = {
    "ofsted": ("Overall effectiveness", "This is not a file of Ofsted management information: its first line lacks "),
    CARDS: (
        "Inclusion",
        "This is not a file of Ofsted management information with report cards: its first line lacks ",
    ),
    "groups": ("Group Name", "This is not a file of GIAS groups: its first line lacks "),
    "group-links": ("Joined date", "This is not a file of GIAS group links: its first line lacks "),
    "school-links": ("LinkType", "This is not a file of GIAS links between schools: its first line lacks "),
}


@pytest.mark.parametrize("kind", MISSING)
async def test_a_column_missing_is_named_and_a_column_more_is_noted_in_any_file(store: Store, kind: str) -> None:
    column, says = MISSING[kind]
    lacking = [{name: value for name, value in row.items() if name != column} for row in rows(kind)]
    with pytest.raises(Refusal) as refused:
        await send(store, _kind(kind), as_csv(lacking), "fault.csv")
    assert str(refused.value).startswith(f"{says}{column}. ")
    await _nothing_is_left(store)
    more = [row | {"HouseCat": "tabby"} for row in rows(kind)]
    received = await send(store, _kind(kind), as_csv(more), "noted.csv")
    assert (received.state, received.notes[-1]) == ("applying", "Not known and not read: HouseCat")


@pytest.mark.parametrize("kind", TWICE)
async def test_a_file_that_was_cut_off_is_refused_whatever_its_kind(store: Store, kind: str) -> None:
    content = changed(kind)
    cut = content[: content.rindex(b",", 0, content.rindex(b",") - 1)]
    received = await send(store, _kind(kind), cut, "fault.csv")
    (problem,) = received.problems
    assert (received.state, problem.line) == ("refused", 4)
    assert problem.cure.endswith(": the file was cut off here, or a cell was deleted. Download it again.")
    await _nothing_is_left(store)


def _kind(kind: str) -> str:
    return "ofsted" if kind == CARDS else kind


async def _nothing_is_left(store: Store) -> None:
    assert not await store.run(apply_next_chunk)
    left: Any = (
        "select (select count(*) from school) + (select count(*) from trust) + (select count(*) from import_line)"
    )
    assert await count(store, left) == 0
    assert await count(store, "select count(*) from outbox") == 0
