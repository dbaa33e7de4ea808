"""The layouts in which the registers come, each read by the names of its columns.

Ofsted's layout with report cards is checked against made rows only: no file in it was to hand.
"""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.membership.registers import gias, groups, ofsted
from services.membership.registers.authorities import authorities, authority, codes_by_name
from services.membership.registers.file import SentFile
from services.membership.registers.lines import LAYOUTS, Line
from services.membership.registers.reading import BadValue, columns_of
from tests.unit.membership.test_registers import rows_of

GONE_BY_2026 = {
    "OfstedLastInsp",
    "OfstedSpecialMeasures (code)",
    "OfstedSpecialMeasures (name)",
    "OfstedRating (name)",
    "RSCRegion (name)",
}
COMPOSITE = "gias_composite_warwickshire_bristol.csv"


async def read(kind: str, rows: list[dict[str, str]], encoding: str = "utf-8") -> tuple[str, list[str], list[Any]]:
    """The layout, the notes and the lines of a file of these rows."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)

    async def whole() -> AsyncIterator[bytes]:
        yield text.getvalue().encode(encoding)

    file = SentFile()
    try:
        await file.receive(whole())
        reading = file.read(kind)
        return reading.layout.name, reading.notes, list(reading.lines)
    finally:
        file.close()


def a_school(**changes: str) -> dict[str, str]:
    return rows_of(COMPOSITE)[0] | changes


@pytest.mark.parametrize(("gone", "columns"), [(set(), 140), (GONE_BY_2026, 135)])
async def test_the_registers_layouts_of_2024_and_2026_are_read_alike(gone: set[str], columns: int) -> None:
    row = {name: value for name, value in a_school().items() if name not in gone}
    assert len(row) == columns
    layout, notes, (line,) = await read("gias", [row], "cp1252")
    assert (layout, notes, line.kept) == ("gias", [], gias.line(a_school()))


def test_the_list_of_the_registers_columns_is_that_of_its_files() -> None:
    assert set(a_school()) == columns_of("gias")
    assert set(rows_of("ofsted_mi_20250831_warwickshire_bristol.csv")[0]) == columns_of("ofsted_2025")
    assert len(columns_of("ofsted_2026")) == 85


@pytest.mark.parametrize(
    "layout", [layout for layouts in LAYOUTS.values() for layout in layouts], ids=lambda each: each.name
)
def test_every_column_that_is_read_stands_in_the_published_list(layout: Any) -> None:
    assert layout.lacks(layout.known) == []


@pytest.mark.parametrize(
    "row",
    [
        {"LA (code)": "801", "LA (name)": ""},
        {"LA (code)": "", "LA (name)": "Bristol, City of"},
        {"LA (code)": "", "LA (name)": "BRISTOL"},
    ],
)
def test_an_authority_is_known_by_its_code_or_by_any_of_its_names(row: dict[str, str]) -> None:
    assert gias.line(a_school(**row))["authority"] == "801"


def test_names_of_authorities_are_no_one_elses() -> None:
    assert len(authorities()) == 184
    assert {codes_by_name()[name] for name in ("st. helens", "st helens")} == {"342"}
    with pytest.raises(BadValue, match="No authority has this name"):
        authority({"name": "Rutlandshire"}, "code", "name")


@pytest.mark.parametrize(
    ("name", "code", "status", "closing"),
    [
        ("Open", "", "open", False),
        ("Open, but proposed to close", "", "open", True),
        ("", "3", "open", True),
        ("", "2", "closed", False),
        ("", "4", "proposed", False),  # 4 in the file, which is not the code of the service's own list
        ("Closed", "1", "closed", False),  # the name says it in words
    ],
)
def test_a_status_is_known_by_its_name_or_by_the_files_own_code(
    name: str, code: str, status: str, closing: bool
) -> None:
    row = a_school(**{"EstablishmentStatus (name)": name, "EstablishmentStatus (code)": code})
    assert (gias.line(row)["status"], gias.line(row)["closing"]) == (status, closing)


@pytest.mark.parametrize(
    ("stated", "closed_on"), [("31-08-2024", "2024-09-01"), ("28-02-2023", "2023-03-01"), ("", None)]
)
def test_the_registers_day_of_closing_is_the_last_day_on_which_a_school_is_open(
    stated: str, closed_on: str | None
) -> None:
    """R0.3: of the 74 pairs of the register where both days stand, each successor opens on the day after."""
    assert gias.line(a_school(CloseDate=stated))["closed_on"] == closed_on


def test_a_day_of_closing_that_stands_for_never_is_refused_with_a_cure() -> None:
    with pytest.raises(BadValue, match="leave the date blank"):
        gias.line(a_school(CloseDate="31-12-9999"))


def test_the_registers_day_of_closing_of_a_trust_is_its_last_day_too() -> None:
    row = {"Group UID": "7", "Group Name": "Larch", "Group Type": "Single-academy trust", "Closed Date": "2023-08-31"}
    assert groups.group_line(row | {"Group Status": "Closed"})["closed_on"] == "2023-09-01"  # type: ignore[index]


def test_a_type_is_known_by_its_code_or_its_name() -> None:
    by_name = a_school(**{"TypeOfEstablishment (code)": "", "TypeOfEstablishment (name)": "Academy converter"})
    assert gias.line(by_name)["type_code"] == "34"
    assert gias.line(a_school(**{"TypeOfEstablishment (code)": "02"}))["type_code"] == "2"


async def test_the_short_register_has_an_authority_by_name_and_no_type() -> None:
    row = {
        "urn": "108893",
        "name": "Oak",
        "local_authority_name": "Bristol, City of",
        "phase_of_education": "Nursery",
        "gender": "Mixed",
        "status": "Open",
    }
    layout, notes, (line,) = await read("gias", [row])
    assert (layout, notes) == ("gias-minimal", [])
    assert (line.kept["authority"], line.kept["region"], "type_code" in line.kept) == ("801", "South West", False)


def a_card(**changes: str) -> dict[str, str]:
    """A made row of the layout of 2026: a report card of January, the last inspection before it of 2019."""
    row = dict.fromkeys(sorted(columns_of("ofsted_2026")), "")
    row |= {
        "URN": "990018",
        "LAESTAB": "9379918",
        "School name": "Millbrook Primary School",
        "Ofsted phase": "Primary",
        "Type of education": "Community School",
        "Region": "West Midlands",
        "Postcode": "CV31 1AA",
        "Inspection number of latest full inspection": "99000003",
        "Inspection start date": "13/01/2026",
        "Publication date": "27/02/2026",
        "URN at time of latest full inspection": "990018",
        "Safeguarding standards": "Met",
        "Inspection number of latest OEIF graded inspection": "99000001",
        "Inspection start date of latest OEIF graded inspection": "14/05/2019",
        "Publication date of latest OEIF graded inspection": "28/06/2019",
        "Latest OEIF overall effectiveness": "2",
        "Latest OEIF quality of education": "9",
        "Latest OEIF safeguarding is effective?": "Yes",
    }
    for grade, _ in ofsted.AREAS.values():
        row[grade] = "Expected standard"
    return row | {"Post-16 provision (where applicable)": "Not applicable"} | changes


async def test_report_cards_and_the_inspection_before_them_are_read_from_the_layout_of_2026() -> None:
    layout, notes, (line,) = await read("ofsted", [a_card(Achievement="Strong standard")])
    assert (layout, notes) == ("ofsted-2026", [])
    earlier, card = line.kept["outcomes"]
    assert (earlier["inspection_number"], earlier["headline"], earlier["published_on"]) == ("99000001", 2, "2019-06-28")
    assert (card["inspection_number"], card["safeguarding_effective"], card["category_of_concern"]) == (
        "99000003",
        True,
        None,
    )
    assert len(card["report_card"]) == 7
    assert card["report_card"]["achievement"] == "strong standard"
    assert card["report_card"]["inclusion"] == "expected standard"


async def test_a_school_without_a_card_yet_has_its_inspection_under_the_earlier_framework_once() -> None:
    none = dict.fromkeys((grade for grade, _ in ofsted.AREAS.values()), "")
    same = {"Inspection number of latest full inspection": "99000001", "Safeguarding standards": ""}
    _, _, (line,) = await read("ofsted", [a_card(**none, **same)])
    assert [each["inspection_number"] for each in line.kept["outcomes"]] == ["99000001"]
    assert line.kept["outcomes"][0]["headline"] == 2


@pytest.mark.parametrize(
    ("column", "value", "cure"),
    [
        ("Inclusion", "Good", "Expected one of: exceptional, strong standard"),
        ("Inclusion - date of grade", "31/06/2026", "There is no such day"),
        ("Safeguarding standards", "Yes", "Expected Met, Not met or nothing"),
        ("Publication date", "01/01/2026", "Inspection 99000003 begins after this day: check both dates"),
        ("Publication date", "", "needs the day on which it began and the day it was published"),
        ("LAESTAB", "9999918", "No authority has the code"),
        ("School name", "", "Every school has a name"),
        ("Category of concern", "BAD", "Expected SM, SWK, RSI, NTI or nothing"),
    ],
)
def test_a_value_that_a_report_card_cannot_have_is_refused_with_a_cure(column: str, value: str, cure: str) -> None:
    with pytest.raises(BadValue, match=cure) as refused:
        ofsted.report_card_line(a_card(**{column: value}))
    assert refused.value.column == column


async def test_groups_are_taken_over_where_they_are_trusts() -> None:
    rows = rows_of("gias_groups_20220718_warwickshire_bristol.csv")
    layout, notes, lines = await read("groups", rows)
    assert (layout, notes) == ("groups", [])
    assert len(lines) == sum(row["Group Type"] in {"Multi-academy trust", "Single-academy trust"} for row in rows) == 81
    assert all(isinstance(line, Line) for line in lines)
    closed = groups.group_line(
        {"Group UID": "7", "Group Name": "Larch", "Group Type": "Multi-academy trust", "Group Status": "Closed"}
    )
    assert closed == {"trust_id": "7", "name": "Larch", "open": False, "opened_on": None, "closed_on": None}
