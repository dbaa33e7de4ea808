"""What the registers' columns mean: types of schools, dates, postcodes, judgements that weren't made."""

import csv
from pathlib import Path

import pytest

from services.membership.domain.establishment import Sector, sector_of
from services.membership.registers import gias, groups, ofsted
from services.membership.registers.reading import BadValue, Row, day, district

DATA = Path(__file__).resolve().parents[3] / "infra" / "demo" / "data"
TYPES = DATA / "gias_establishment_types_20250422.csv"


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("code", "sector"),
    [
        ("1", Sector.MAINTAINED),
        ("7", Sector.MAINTAINED),  # community special: in the register's group "Special schools"
        ("8", Sector.OTHER),  # non-maintained special: in the same group
        ("14", Sector.MAINTAINED),
        ("34", Sector.ACADEMY),
        ("36", Sector.ACADEMY),  # free special: routes as an academy (W-02)
        ("11", Sector.OTHER),
        ("", Sector.UNKNOWN),
        ("99", Sector.UNKNOWN),
    ],
)
def test_the_type_alone_decides_whether_a_school_is_maintained_or_an_academy(code: str, sector: Sector) -> None:
    assert sector_of(code) is sector


def test_ofsteds_names_of_types_are_the_registers_codes() -> None:
    named = {
        row["type-of-establishment-code"]: row["type-of-establishment-name"].lower() for row in rows_of(TYPES.name)
    }
    for name, code in ofsted.TYPES.items():
        words = {word.rstrip("s") for word in name.replace("-", " ").split()} - {"school", "to", "16", "19"}
        theirs = {word.rstrip("s") for word in named[code].replace("-", " ").replace("local authority", "la").split()}
        assert words <= theirs, name


@pytest.mark.parametrize("written", ["17-06-2024", "17/06/2024", "2024-06-17"])
def test_a_date_is_read_as_any_register_writes_it(written: str) -> None:
    assert day({"OpenDate": written}, "OpenDate") == "2024-06-17"


def test_a_date_that_is_none_is_refused_with_a_cure_and_a_blank_is_nothing() -> None:
    assert day({"OpenDate": " "}, "OpenDate") is None
    with pytest.raises(BadValue, match="There is no such day"):
        day({"OpenDate": "31-06-2024"}, "OpenDate")
    with pytest.raises(BadValue, match="not a date: write it as dd-mm-yyyy"):
        day({"OpenDate": "summer 2024"}, "OpenDate")


@pytest.mark.parametrize(
    ("postcode", "outward"), [("CV31 2JF", "CV31"), ("bs2 0su", "BS2"), ("B11AA", "B1"), ("", None)]
)
def test_the_district_is_the_outward_half_of_the_postcode(postcode: str, outward: str | None) -> None:
    assert district({"Postcode": postcode}, "Postcode") == outward


def one_line(**changes: str) -> Row:
    return rows_of("ofsted_mi_20250831_warwickshire_bristol.csv")[0] | changes


def latest(row: Row) -> dict[str, object]:
    line = ofsted.line(row)
    assert line is not None
    return dict(line["outcomes"][-1])


@pytest.mark.parametrize("none", ["9", "0", "8", "", "Not judged"])
def test_nine_eight_nought_and_not_judged_are_no_judgement(none: str) -> None:
    found = latest(one_line(**{"Overall effectiveness": none, "Quality of education": none}))
    assert (found["headline"], found["quality_of_education"]) == (None, None)


def test_safeguarding_is_yes_no_or_not_stated() -> None:
    said = {value: latest(one_line(**{"Safeguarding is effective?": value})) for value in ("Yes", "No", "9")}
    assert [said[value]["safeguarding_effective"] for value in ("Yes", "No", "9")] == [True, False, None]


@pytest.mark.parametrize("word", ["Not effective", "N", "Met"])
def test_a_word_about_safeguarding_that_is_not_known_is_refused(word: str) -> None:
    """R0.1, D3.11: it may mean "no", by which a school is of Category 4."""
    with pytest.raises(BadValue, match=r"Safeguarding is effective.*Expected Yes, No or nothing: take the line from"):
        latest(one_line(**{"Safeguarding is effective?": word}))


@pytest.mark.parametrize(
    ("said", "concern"), [("SM", "SM"), ("swk", "SWK"), ("", None), ("NULL", None), ("Not applicable", None)]
)
def test_the_words_for_no_grade_say_that_there_is_no_category_of_concern(said: str, concern: str | None) -> None:
    assert latest(one_line(**{"Category of concern": said}))["category_of_concern"] == concern


def test_a_grade_that_nobody_knows_is_refused_with_a_cure() -> None:
    with pytest.raises(BadValue, match="Expected a grade from 1 to 4"):
        ofsted.line(one_line(**{"Overall effectiveness": "5"}))


def test_a_blank_line_at_the_end_of_ofsteds_file_is_passed_over() -> None:
    assert ofsted.line(dict.fromkeys(one_line(), "")) is None


def test_an_outcome_belongs_to_the_school_that_was_inspected() -> None:
    found = latest(one_line(**{"URN at time of latest graded inspection": "123456"}))
    assert found["urn"] == "123456"


def test_only_trusts_are_trusts_not_sponsors_federations_or_childrens_centres() -> None:
    lines = [groups.trust_line(row) for row in rows_of("gias_grouplinks_20220718_warwickshire_bristol.csv")]
    assert sum(line is not None for line in lines) == 183 + 26


def test_a_maintained_schools_foundation_trust_is_not_an_academy_trust() -> None:
    row = rows_of("gias_composite_warwickshire_bristol.csv")[0]
    supported = row | {"TypeOfEstablishment (code)": "5", "Trusts (code)": "1193", "Trusts (name)": "A trust"}
    assert gias.line(supported)["trust_id"] is None
    assert gias.line(supported | {"TypeOfEstablishment (code)": "34"})["trust_id"] == "1193"
