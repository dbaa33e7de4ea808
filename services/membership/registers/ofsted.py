"""Ofsted's management information: outcomes, and a later view of the register, in two layouts.

That of August 2025 has 76 columns. That of 2026 has 85: report cards, with a grade for each evaluation area, beside the
latest inspection under the earlier framework. No file of the second was to hand when it was written: it was checked
against made rows only, by the published list of its columns.

Judgements are 1 to 4; 9, 0, 8 and blank say that there is none. From September 2024 there is no headline ("Not judged").
"""

import re
from typing import Any

from services.membership.domain.report_card import Area, CardGrade
from services.membership.registers.authorities import authorities
from services.membership.registers.reading import (
    BadValue,
    Layout,
    Row,
    columns_of,
    day,
    district,
    optional,
    text,
    urn,
)

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

CONCERNS = {"SM", "SWK", "RSI", "NTI"}

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
UNGRADED_2026 = UNGRADED | {"number": "Latest ungraded inspection number"}
EARLIER_FRAMEWORK = {
    "number": "Inspection number of latest OEIF graded inspection",
    "started": "Inspection start date of latest OEIF graded inspection",
    "published": "Publication date of latest OEIF graded inspection",
    "urn": "URN at time of latest OEIF graded inspection",
    "headline": "Latest OEIF overall effectiveness",
    "concern": "Latest OEIF category of concern",
    "quality": "Latest OEIF quality of education",
    "leadership": "Latest OEIF effectiveness of leadership and management",
    "safeguarding": "Latest OEIF safeguarding is effective?",
}
FULL = {
    "number": "Inspection number of latest full inspection",
    "started": "Inspection start date",
    "published": "Publication date",
    "urn": "URN at time of latest full inspection",
    "concern": "Category of concern",
    "safeguarding": "Safeguarding standards",
}
# Each area with the column of its grade and the column of the day of that grade.
AREAS = {
    Area.INCLUSION: ("Inclusion", "Inclusion - date of grade"),
    Area.CURRICULUM_AND_TEACHING: ("Curriculum and teaching", "Curriculum and teaching - date of grade"),
    Area.ACHIEVEMENT: ("Achievement", "Achievement - date of grade"),
    Area.ATTENDANCE_AND_BEHAVIOUR: ("Attendance and behaviour", "Attendance and behaviour - date of grade"),
    Area.PERSONAL_DEVELOPMENT_AND_WELLBEING: (
        "Personal development and wellbeing",
        "Personal development and wellbeing - date of grade",
    ),
    Area.EARLY_YEARS: ("Early years (where applicable)", "Early years - date of grade"),
    Area.POST_16: ("Post-16 provision (where applicable)", "Post-16 provision - date of grade"),
    Area.LEADERSHIP_AND_GOVERNANCE: ("Leadership and governance", "Leadership and governance - date of grade"),
}
NO_GRADE = {"", "0", "8", "9", "not judged", "null", "not applicable", "n/a"}


def line(row: Row) -> dict[str, Any] | None:
    school = _school(row)
    if school is None:
        return None
    outcomes = (_inspection(row, UNGRADED, "ungraded"), _graded(row, PREVIOUS), _graded(row, LATEST))
    return school | {"outcomes": [each for each in outcomes if each]}


def report_card_line(row: Row) -> dict[str, Any] | None:
    school = _school(row)
    if school is None:
        return None
    earlier, full = _graded(row, EARLIER_FRAMEWORK), _report_card(row)
    if earlier and full and full["inspection_number"] == earlier["inspection_number"] and not full["report_card"]:
        full = None  # the latest full inspection is still the one under the earlier framework
    outcomes = (_inspection(row, UNGRADED_2026, "ungraded"), earlier, full)
    return school | {"outcomes": [each for each in outcomes if each]}


def _school(row: Row) -> dict[str, Any] | None:
    if not text(row, "URN") and not text(row, "LAESTAB"):
        return None  # the published file ends in lines that are blank but for its totals
    kind = text(row, "Type of education").lower()
    if kind and kind not in TYPES:
        raise BadValue(
            "Type of education",
            text(row, "Type of education"),
            "Not a type of school that is known here: take the line from the file again; a new type is added to "
            "services/membership/registers/ofsted.py.",
        )
    establishment = text(row, "LAESTAB")
    if not re.fullmatch(r"[0-9]{7}", establishment):
        raise BadValue(
            "LAESTAB",
            establishment,
            "Expected seven digits, of which the first three name the authority: take it from the file again.",
        )
    if establishment[:3] not in authorities():
        raise BadValue(
            "LAESTAB",
            establishment,
            "No authority has the code that its first three digits are: take the line from the file again; a new authority is "
            "added to services/membership/registers/authorities.csv.",
        )
    name = text(row, "School name")
    if not name:
        raise BadValue("School name", name, "Every school has a name: take the line from the file again.")
    trust = optional(row, "Multi-academy trust UID")
    return {
        "urn": urn(row, "URN"),
        "authority": establishment[:3],
        "name": name,
        "phase": text(row, "Ofsted phase"),
        "type_code": TYPES.get(kind, ""),
        "opened_on": day(row, "School open date"),
        "postcode_district": district(row, "Postcode"),
        "region": text(row, "Region"),
        "trust_id": trust,
        "trust_name": optional(row, "Multi-academy trust name") if trust else None,
        "report_link": optional(row, "Web Link (opens in new window)"),
    }


def _graded(row: Row, columns: dict[str, str]) -> dict[str, Any] | None:
    found = _inspection(row, columns, "graded")
    if found is None:
        return None
    return found | {
        "headline": _grade(row, columns["headline"]),
        "category_of_concern": _concern(row, columns["concern"]),
        "quality_of_education": _grade(row, columns["quality"]),
        "leadership": _grade(row, columns["leadership"]),
        "safeguarding_effective": _safeguarding(row, columns["safeguarding"], yes="Yes", no="No"),
    }


def _report_card(row: Row) -> dict[str, Any] | None:
    found = _inspection(row, FULL, "graded")
    if found is None:
        return None
    card, again = {}, {}
    for area, (column, dated) in AREAS.items():
        grade = text(row, column).lower()
        if grade in NO_GRADE:
            continue
        if grade not in set(CardGrade):
            raise BadValue(column, text(row, column), f"Expected one of: {', '.join(CardGrade)}; or nothing for none.")
        graded_on = day(row, dated)
        if graded_on is not None and graded_on > found["published_on"]:
            again[area.value] = graded_on  # by a monitoring visit: the import names the line (docs/category-policy.md)
        card[area.value] = grade
    return found | {
        "category_of_concern": _concern(row, FULL["concern"]),
        "safeguarding_effective": _safeguarding(row, FULL["safeguarding"], yes="Met", no="Not met"),
        "report_card": card,
        **({"graded_again": again} if again else {}),
    }


def _safeguarding(row: Row, column: str, *, yes: str, no: str) -> bool | None:
    """A word that nobody knows may be a "no", which makes a school Category 4: it is refused, not passed over."""
    found = text(row, column)
    if found.lower() in NO_GRADE:
        return None
    if found.lower() not in {yes.lower(), no.lower()}:
        raise BadValue(column, found, f"Expected {yes}, {no} or nothing: take the line from the file again.")
    return found.lower() == yes.lower()


def _concern(row: Row, column: str) -> str | None:
    concern = text(row, column)
    if concern.lower() in NO_GRADE:
        return None
    if concern.upper() not in CONCERNS:
        raise BadValue(column, concern, "Expected SM, SWK, RSI, NTI or nothing: take it from the file again.")
    return concern.upper()


def _inspection(row: Row, columns: dict[str, str], kind: str) -> dict[str, Any] | None:
    number = text(row, columns["number"])
    if not number:
        return None
    started, published = day(row, columns["started"]), day(row, columns["published"])
    if started is None or published is None:
        column = columns["published"] if published is None else columns["started"]
        raise BadValue(column, "", f"Inspection {number} needs the day on which it began and the day it was published.")
    if published < started:
        raise BadValue(
            columns["published"],
            text(row, columns["published"]),
            f"Inspection {number} begins after this day: check both dates.",
        )
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
    if found.lower() in NO_GRADE:
        return None
    raise BadValue(column, found, "Expected a grade from 1 to 4, or 9, 8, 0, Not judged or nothing for none.")


_SCHOOL = (
    "URN",
    "LAESTAB",
    "School name",
    "Type of education",
    "School open date",
    "Region",
    "Postcode",
    "Multi-academy trust UID",
    "Multi-academy trust name",
)

OFSTED = Layout(
    name="ofsted-2025",
    title="Ofsted management information",
    columns=(*_SCHOOL, *LATEST.values(), *PREVIOUS.values(), *UNGRADED.values()),
    line=line,
    identity=lambda row: text(row, "URN"),
    known=columns_of("ofsted_2025"),
    authority=lambda row: text(row, "LAESTAB")[:3],
)

OFSTED_REPORT_CARDS = Layout(
    name="ofsted-2026",
    title="Ofsted management information with report cards",
    columns=(
        *_SCHOOL,
        *FULL.values(),
        *(column for columns in AREAS.values() for column in columns),
        *EARLIER_FRAMEWORK.values(),
        *UNGRADED_2026.values(),
    ),
    line=report_card_line,
    identity=lambda row: text(row, "URN"),
    known=columns_of("ofsted_2026"),
    authority=lambda row: text(row, "LAESTAB")[:3],
)
