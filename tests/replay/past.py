"""The past since the first known publication in 2006, with both authorities at work from the first day.

No edition of the register from before 2024 is kept, and that of 2024 says of the schools that others went on with little
more than their names. So one is written here for the first day: every school under whose number an outcome is listed,
open, of the type that the register still gives, or that its name suggests. It belongs where the demo puts the school that
continues it.
"""

import csv
import io
from datetime import date
from functools import cache
from typing import Any

from infra.demo import bodies as invented
from infra.demo.outcomes import published
from infra.demo.registers import GIAS, GO_LIVE, WARWICKSHIRE, School, rows, schools

BEGIN = date(2006, 10, 18)  # the day before the first publication

COLUMNS = (
    *("URN", "LA (code)", "EstablishmentName", "TypeOfEstablishment (code)", "EstablishmentStatus (name)", "OpenDate"),
    *("CloseDate", "PhaseOfEducation (name)", "Postcode", "Trusts (code)", "Trusts (name)", "GOR (name)"),
)


@cache
def successors() -> dict[str, str]:
    """By each school under whose number an outcome is listed, the one with which it is listed."""
    return {
        each["urn_at_time"]: each["urn"]
        for _, outcomes in published()
        for each in outcomes
        if each["urn"] != each["urn_at_time"]
    }


@cache
def edition() -> dict[str, dict[str, str]]:
    """The register of the first day, of those schools alone."""
    register = {row["URN"]: row for row in rows(GIAS)}
    found = {}
    for urn in successors():
        row = register[urn]
        kind = row["TypeOfEstablishment (code)"] or ("28" if "Academy" in row["EstablishmentName"] else "1")
        found[urn] = {column: row[column] for column in COLUMNS} | {
            "TypeOfEstablishment (code)": kind,
            "EstablishmentStatus (name)": "Open",
            **dict.fromkeys(("OpenDate", "CloseDate", "Trusts (code)", "Trusts (name)"), ""),
            "type": kind.lstrip("0"),
        }
    return found


def edition_as_file() -> bytes:
    text = io.StringIO()
    written = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
    written.writeheader()
    written.writerows(edition().values())
    return text.getvalue().encode()


# -- the authorities, as if they had begun on the first day ----------------------------------------


def place_of(urn: str) -> School | None:
    """The school by which the demo places this one: itself, or the one that continues it."""
    return schools().get(urn) or schools().get(successors().get(urn, ""))


@cache
def taken_on(authority: str) -> dict[str, Any]:
    """The demo's first document, from the first day on, without heads and system leaders."""
    first, begins = invented.take_on(authority)[GO_LIVE], BEGIN.isoformat()
    return first | {
        "bodies": [each | {"opened_on": begins} for each in first["bodies"]],
        "offices": [each | {"from": begins} for each in first["offices"]],
        "trust_contacts": [each | {"from": begins} for each in first["trust_contacts"]],
        "memberships": [each for urn in _placed() for each in _memberships(urn)] if authority == WARWICKSHIRE else [],
        "headships": [],
        "allocations": [],
    }


def _placed() -> list[str]:
    """Every school with a place of its own: whoever continues another takes that one's."""
    continuing = {*successors().values(), *(school.continued_by for school in schools().values())}
    return [
        *(urn for urn in schools() if urn not in continuing),
        *(urn for urn in successors() if urn not in schools()),
    ]


def _memberships(urn: str) -> list[dict[str, Any]]:
    school, place = schools().get(urn), place_of(urn)
    since = max(BEGIN, school.opened) if school is not None and school.opened else BEGIN
    return [
        {
            "body_id": str(body.id),
            "urn": urn,
            "from": since.isoformat(),
            "lead": place is not None and invented.lead_body(place) is body,
        }
        for body in (invented.bodies_of(place.urn) if place is not None else ())
    ]
