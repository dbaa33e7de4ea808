"""Establishments of Get Information about Schools: the layout of 140 columns (2024), read by the names of its columns.

Statuses and types are matched by name and by the codes of the file itself, which aren't the ones of the service's code.
"""

from typing import Any

from services.membership.domain.school import Sector, Status, sector_of, type_code
from services.membership.registers.reading import BadValue, Layout, Row, day, district, optional, text, urn

STATUSES = {
    "open": Status.OPEN,
    "open, but proposed to close": Status.OPEN,
    "closed": Status.CLOSED,
    "proposed to open": Status.PROPOSED,
}


def line(row: Row) -> dict[str, Any]:
    authority = text(row, "LA (code)")
    if len(authority) != 3 or not authority.isdigit():
        raise BadValue("LA (code)", authority, "An authority has a code of three digits.")
    name = text(row, "EstablishmentName")
    if not name:
        raise BadValue("EstablishmentName", name, "Every establishment has a name.")
    status = STATUSES.get(text(row, "EstablishmentStatus (name)").lower())
    if status is None:
        raise BadValue(
            "EstablishmentStatus (name)",
            text(row, "EstablishmentStatus (name)"),
            "Expected Open; Open, but proposed to close; Closed; or Proposed to open.",
        )
    code = type_code(text(row, "TypeOfEstablishment (code)"))
    # A maintained school may be supported by a foundation trust: only an academy's trust speaks for it.
    has_trust = sector_of(code) is Sector.ACADEMY and bool(text(row, "Trusts (code)"))
    return {
        "urn": urn(row, "URN"),
        "authority": authority,
        "name": name,
        "phase": text(row, "PhaseOfEducation (name)"),
        "type_code": code,
        "status": status.value,
        "opened_on": day(row, "OpenDate"),
        "closed_on": day(row, "CloseDate"),
        "postcode_district": district(row, "Postcode"),
        "region": text(row, "GOR (name)"),
        "trust_id": text(row, "Trusts (code)") if has_trust else None,
        "trust_name": optional(row, "Trusts (name)") if has_trust else None,
    }


GIAS = Layout(
    kind="gias",
    title="GIAS establishments",
    columns=(
        "URN",
        "LA (code)",
        "EstablishmentName",
        "TypeOfEstablishment (code)",
        "EstablishmentStatus (name)",
        "OpenDate",
        "CloseDate",
        "PhaseOfEducation (name)",
        "Postcode",
        "Trusts (code)",
        "Trusts (name)",
        "GOR (name)",
    ),
    line=line,
    identity=lambda row: text(row, "URN"),
)
