"""Establishments of Get Information about Schools, read by the names of their columns.

The register's own file had 140 columns in 2024 and has 135 in 2026; what is read is in both. The short file has a name,
an authority by its name, a phase and a status only. Statuses, types and authorities are matched by the codes of the
file itself, which aren't the ones of the service's code, or by name.
"""

from typing import Any

from services.membership.domain.establishment import TYPES
from services.membership.domain.school import Sector, Status, sector_of, type_code
from services.membership.registers.authorities import authority, region_of
from services.membership.registers.reading import (
    BadValue,
    Layout,
    Row,
    columns_of,
    day,
    day_after,
    district,
    optional,
    text,
    urn,
)

# Whether it is proposed to close is kept too: an edition without dates says nothing against the day of closing.
STATUSES = {
    "open": (Status.OPEN, False),
    "closed": (Status.CLOSED, False),
    "open, but proposed to close": (Status.OPEN, True),
    "proposed to open": (Status.PROPOSED, False),
}
STATUS_CODES = dict(zip("1234", STATUSES.values(), strict=True))
TYPE_CODES = {each.name.casefold(): each.code for each in TYPES.values()}


def line(row: Row) -> dict[str, Any]:
    status, closing = _status(row, "EstablishmentStatus (name)", "EstablishmentStatus (code)")
    code = _type(row)
    known_authority = authority(row, "LA (code)", "LA (name)")
    # A maintained school may be supported by a foundation trust: only an academy's trust speaks for it.
    has_trust = sector_of(code) is Sector.ACADEMY and bool(text(row, "Trusts (code)"))
    return {
        "urn": urn(row, "URN"),
        "authority": known_authority,
        "name": _name(row, "EstablishmentName"),
        "phase": text(row, "PhaseOfEducation (name)"),
        "type_code": code,
        "status": status.value,
        "closing": closing,
        "opened_on": day(row, "OpenDate"),
        "closed_on": day_after(row, "CloseDate"),
        "postcode_district": district(row, "Postcode"),
        "region": text(row, "GOR (name)") or region_of(known_authority),
        "trust_id": text(row, "Trusts (code)") if has_trust else None,
        "trust_name": optional(row, "Trusts (name)") if has_trust else None,
    }


def minimal_line(row: Row) -> dict[str, Any]:
    status, closing = _status(row, "status", "status_code")
    known_authority = authority(row, "local_authority_code", "local_authority_name")
    return {
        "urn": urn(row, "urn"),
        "authority": known_authority,
        "name": _name(row, "name"),
        "phase": text(row, "phase_of_education"),
        "status": status.value,
        "closing": closing,
        "region": region_of(known_authority),
    }


def _name(row: Row, column: str) -> str:
    found = text(row, column)
    if not found:
        raise BadValue(column, found, "Every establishment has a name: take the line from the register again.")
    return found


def _status(row: Row, name_column: str, code_column: str) -> tuple[Status, bool]:
    name, code = text(row, name_column), text(row, code_column)
    found = STATUSES.get(name.casefold()) if name else STATUS_CODES.get(code)
    if found is None:
        raise BadValue(
            name_column if name or not code else code_column,
            name or code,
            "Expected Open; Open, but proposed to close; Closed; or Proposed to open (codes 1, 3, 2, 4).",
        )
    return found


def _type(row: Row) -> str:
    """Blank where the file doesn't say: such a school is answered for by the duty desk."""
    code = type_code(text(row, "TypeOfEstablishment (code)"))
    name = text(row, "TypeOfEstablishment (name)")
    if code or not name:
        return code
    if name.casefold() not in TYPE_CODES:
        raise BadValue(
            "TypeOfEstablishment (name)", name, "Not a type of establishment that is known here: give its code."
        )
    return TYPE_CODES[name.casefold()]


GIAS = Layout(
    name="gias",
    title="GIAS establishments",
    columns=(
        "URN",
        ("LA (code)", "LA (name)"),
        "EstablishmentName",
        ("TypeOfEstablishment (code)", "TypeOfEstablishment (name)"),
        ("EstablishmentStatus (name)", "EstablishmentStatus (code)"),
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
    known=columns_of("gias"),
    authority=lambda row: authority(row, "LA (code)", "LA (name)"),
)

GIAS_MINIMAL = Layout(
    name="gias-minimal",
    title="GIAS establishments, short",
    columns=(
        "urn",
        "name",
        ("local_authority_code", "local_authority_name"),
        "phase_of_education",
        ("status", "status_code"),
    ),
    line=minimal_line,
    identity=lambda row: text(row, "urn"),
    known=frozenset(
        {
            "urn",
            "name",
            "local_authority_code",
            "local_authority_name",
            "phase_of_education",
            "gender",
            "status",
            "status_code",
        }
    ),
    authority=lambda row: authority(row, "local_authority_code", "local_authority_name"),
)
