"""The long layouts at the size of England: the register's own of 2024 (140 columns), Ofsted's of 2026 with report cards (85).

Neither is to hand for all of England. So they are made of the files that are, line by line: the same schools under the same
names, by the published lists of columns; what the shorter files lack is made up from the URN, the same every time.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from services.membership import registers
from services.membership.domain.report_card import CardGrade
from services.membership.registers.ofsted import AREAS

LONG, CARDS = "gias, long", "ofsted, report cards"
MADE_OF = {LONG: "gias", CARDS: "ofsted"}
NAMES = {LONG: "edubasealldata20250915.csv", CARDS: "management_information_20260228.csv"}

Row = dict[str, str]


def columns(name: str) -> list[str]:
    """In the order of the file."""
    return (Path(registers.__file__).parent / f"columns_{name}.txt").read_text(encoding="utf-8").splitlines()


HEADERS = {LONG: columns("gias"), CARDS: columns("ofsted_2026")}
LEFT_ALONE = {
    "EstablishmentNumber": "2001",
    "Street": "1 High Street, Upper End",
    "NumberOfPupils": "210",
    "UPRN": "100070",
}
GRADES = tuple(CardGrade)


def made(key: str, text: Iterable[str]) -> Iterator[list[str]]:
    """The lines of the long file, its first line before all, of those of the shorter one; none for a line that is blank."""
    header, make = HEADERS[key], {LONG: _establishment, CARDS: _inspected}[key]
    yield header
    for row in csv.DictReader(text):
        if any(row.values()):
            cells = make(row)
            assert cells.keys() <= set(header), cells.keys() - set(header)
            yield [cells.get(column, "") for column in header]


def _establishment(short: Row) -> Row:
    urn, status = int(short["urn"]), short["status"]
    academy = urn % 5 < 2
    return LEFT_ALONE | {
        "URN": short["urn"],
        "LA (name)": short["local_authority_name"],
        "EstablishmentName": short["name"],
        "TypeOfEstablishment (code)": "34" if academy else "01",
        "TypeOfEstablishment (name)": "Academy converter" if academy else "Community school",
        "EstablishmentStatus (name)": status,
        "OpenDate": "" if status.startswith("Proposed") else f"01-09-{1990 + urn % 20}",
        "CloseDate": f"31-08-{2011 + urn % 12}" if status == "Closed" else "",
        "PhaseOfEducation (name)": short["phase_of_education"],
        "Gender (name)": short["gender"],
        "Postcode": f"CV{urn % 40 + 1} 1AA",
        "Trusts (code)": str(40_000 + urn % 900) if academy else "",
        "Trusts (name)": f"Trust {urn % 900}" if academy else "",
    }


def _inspected(row: Row) -> Row:
    """Two of three schools have had a report card since; of the others the latest full inspection is the one before."""
    urn = int(row["URN"])
    cells = {column: row[column] for column in HEADERS[CARDS][:25] if column in row}
    number = row["Inspection number of latest graded inspection"]
    if number:
        cells |= {
            "Inspection number of latest OEIF graded inspection": number,
            "Inspection start date of latest OEIF graded inspection": row["Inspection start date"],
            "Publication date of latest OEIF graded inspection": row["Publication date"],
            "URN at time of latest OEIF graded inspection": row["URN at time of latest graded inspection"],
            "Latest OEIF overall effectiveness": row["Overall effectiveness"],
            "Latest OEIF category of concern": row["Category of concern"],
            "Latest OEIF quality of education": row["Quality of education"],
            "Latest OEIF effectiveness of leadership and management": row["Effectiveness of leadership and management"],
            "Latest OEIF  safeguarding is effective?": row["Safeguarding is effective?"],
        }
    if row["Latest ungraded inspection number since last graded inspection"]:
        cells |= {
            "Latest ungraded inspection number": row["Latest ungraded inspection number since last graded inspection"],
            "Date of latest ungraded inspection": row["Date of latest ungraded inspection"],
            "Ungraded inspection publication date": row["Ungraded inspection publication date"],
            "URN at time of the ungraded inspection": row["URN at time of the ungraded inspection"],
        }
    return cells | (_card(urn) if urn % 3 else _none_yet(row, number))


def _card(urn: int) -> Row:
    dated = {date: "27/02/2026" for _, date in AREAS.values()}
    grades = {
        grade: GRADES[(urn // 3 + place) % len(GRADES)].capitalize() for place, (grade, _) in enumerate(AREAS.values())
    }
    return dated | grades | {
        "Inspection number of latest full inspection": f"2{urn}1",
        "Inspection start date": "13/01/2026",
        "Publication date": "27/02/2026",
        "URN at time of latest full inspection": str(urn),
        "Safeguarding standards": "Not met" if urn % 97 == 0 else "Met",
        "Post-16 provision (where applicable)": "Not applicable",
    }  # fmt: skip


def _none_yet(row: Row, number: str) -> Row:
    return {
        "Inspection number of latest full inspection": number,
        "Inspection start date": row["Inspection start date"],
        "Publication date": row["Publication date"],
        "URN at time of latest full inspection": row["URN at time of latest graded inspection"],
    }
