"""Ofsted's management information in the layout of August 2025 (76 columns): outcomes, and a later view of the register.

Judgements are 1 to 4; 9, 0, 8 and blank say that there is none. From September 2024 there is no headline ("Not judged").
"""

from typing import Any

from services.membership.registers.reading import BadValue, Layout, Row, day, district, optional, text, urn

# Ofsted's names of the establishment types, by the codes of the register.
TYPES = {
    "community school": "1",
    "voluntary aided school": "2",
    "voluntary controlled school": "3",
    "foundation school": "5",
    "city technology college": "6",
    "community special school": "7",
    "non-maintained special school": "8",
    "foundation special school": "12",
    "pupil referral unit": "14",
    "la nursery school": "15",
    "academy sponsor led": "28",
    "academy special sponsor led": "33",
    "academy converter": "34",
    "free school": "35",
    "free school special": "36",
    "free school - alternative provision": "38",
    "free school 16 to 19": "39",
    "university technical college": "40",
    "studio school": "41",
    "academy alternative provision converter": "42",
    "academy alternative provision sponsor led": "43",
    "academy special converter": "44",
    "academy 16-19 converter": "45",
    "academy 16 to 19 sponsor led": "46",
}

CONCERNS = {"": None, "SM": "SM", "SWK": "SWK", "RSI": "RSI", "NTI": "NTI"}

LATEST = {
    "number": "Inspection number of latest graded inspection",
    "started": "Inspection start date",
    "published": "Publication date",
    "urn": "URN at time of latest graded inspection",
    "headline": "Overall effectiveness",
    "concern": "Category of concern",
    "quality": "Quality of education",
    "leadership": "Effectiveness of leadership and management",
    "safeguarding": "Safeguarding is effective?",
}
PREVIOUS = {
    "number": "Previous inspection number",
    "started": "Previous inspection start date",
    "published": "Previous publication date",
    "urn": "URN at time of previous graded inspection",
    "headline": "Previous graded inspection overall effectiveness",
    "concern": "Previous category of concern",
    "quality": "Previous quality of education",
    "leadership": "Previous effectiveness of leadership and management",
    "safeguarding": "Previous safeguarding is effective?",
}
UNGRADED = {
    "number": "Latest ungraded inspection number since last graded inspection",
    "started": "Date of latest ungraded inspection",
    "published": "Ungraded inspection publication date",
    "urn": "URN at time of the ungraded inspection",
}


def line(row: Row) -> dict[str, Any] | None:
    if not text(row, "URN") and not text(row, "LAESTAB"):
        return None  # the published file ends in lines that are blank but for its totals
    kind = text(row, "Type of education").lower()
    if kind and kind not in TYPES:
        raise BadValue("Type of education", text(row, "Type of education"), "Not a type of school that is known here.")
    establishment = text(row, "LAESTAB")
    if len(establishment) != 7 or not establishment.isdigit():
        raise BadValue("LAESTAB", establishment, "Expected seven digits, of which the first three name the authority.")
    trust = optional(row, "Multi-academy trust UID")
    return {
        "urn": urn(row, "URN"),
        "authority": establishment[:3],
        "name": text(row, "School name"),
        "phase": text(row, "Ofsted phase"),
        "type_code": TYPES.get(kind, ""),
        "opened_on": day(row, "School open date"),
        "postcode_district": district(row, "Postcode"),
        "region": text(row, "Region"),
        "trust_id": trust,
        "trust_name": optional(row, "Multi-academy trust name") if trust else None,
        "report_link": optional(row, "Web Link (opens in new window)"),
        "outcomes": [each for each in (_ungraded(row), _graded(row, PREVIOUS), _graded(row, LATEST)) if each],
    }


def _graded(row: Row, columns: dict[str, str]) -> dict[str, Any] | None:
    found = _inspection(row, columns, "graded")
    if found is None:
        return None
    concern = text(row, columns["concern"]).upper()
    if concern not in CONCERNS:
        raise BadValue(columns["concern"], concern, "Expected SM, SWK, RSI, NTI or nothing.")
    safeguarding = text(row, columns["safeguarding"]).lower()
    return found | {
        "headline": _grade(row, columns["headline"]),
        "category_of_concern": CONCERNS[concern],
        "quality_of_education": _grade(row, columns["quality"]),
        "leadership": _grade(row, columns["leadership"]),
        "safeguarding_effective": {"yes": True, "no": False}.get(safeguarding),
    }


def _ungraded(row: Row) -> dict[str, Any] | None:
    return _inspection(row, UNGRADED, "ungraded")


def _inspection(row: Row, columns: dict[str, str], kind: str) -> dict[str, Any] | None:
    number = text(row, columns["number"])
    if not number:
        return None
    started, published = day(row, columns["started"]), day(row, columns["published"])
    if started is None or published is None:
        column = columns["published"] if published is None else columns["started"]
        raise BadValue(column, "", f"Inspection {number} needs the day on which it began and the day it was published.")
    at_time = text(row, columns["urn"])
    return {
        "urn": urn(row, columns["urn"]) if at_time else urn(row, "URN"),
        "inspection_number": number,
        "kind": kind,
        "inspection_started_on": started,
        "published_on": published,
    }


def _grade(row: Row, column: str) -> int | None:
    found = text(row, column)
    if found in {"1", "2", "3", "4"}:
        return int(found)
    if found.lower() in {"", "0", "8", "9", "not judged", "null"}:
        return None
    raise BadValue(column, found, "Expected a grade from 1 to 4, or 9, 8, 0, Not judged or nothing for none.")


OFSTED = Layout(
    kind="ofsted",
    title="Ofsted management information",
    columns=(
        "URN",
        "LAESTAB",
        "School name",
        "Type of education",
        "School open date",
        "Region",
        "Postcode",
        "Multi-academy trust UID",
        "Multi-academy trust name",
        *LATEST.values(),
        *PREVIOUS.values(),
        *UNGRADED.values(),
    ),
    line=line,
    identity=lambda row: text(row, "URN"),
)
