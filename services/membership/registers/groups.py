"""Groups and links of the register: trusts, which trust a school belongs to, and which school it continues."""

import re
from typing import Any

from services.membership.registers.reading import BadValue, Layout, Row, day, day_after, text, urn

TRUSTS = {"multi-academy trust", "single-academy trust"}  # sponsors, federations and others aren't trusts


def trust_line(row: Row) -> dict[str, Any] | None:
    if text(row, "Group Type").lower() not in TRUSTS or _is_closed(row):
        return None
    return {
        "urn": urn(row, "URN"),
        "trust_id": _uid(row),
        "trust_name": text(row, "Group Name"),
        "joined_on": day(row, "Joined date"),
    }


def group_line(row: Row) -> dict[str, Any] | None:
    if text(row, "Group Type").lower() not in TRUSTS:
        return None
    uid = _uid(row)
    name = text(row, "Group Name")
    if not name:
        raise BadValue("Group Name", name, "Every trust has a name: take the line from the register again.")
    return {
        "trust_id": uid,
        "name": name,
        "open": not _is_closed(row),
        "opened_on": day(row, "Open date"),
        "closed_on": day_after(row, "Closed Date"),
    }


def _uid(row: Row) -> str:
    found = text(row, "Group UID")
    if not re.fullmatch(r"[0-9]+", found):
        raise BadValue("Group UID", found, "A group has a number of its own: take the line from the register again.")
    return found


def _is_closed(row: Row) -> bool:
    return (text(row, "Group Status (code)") or text(row, "Group Status")).upper() == "CLOSED"


def continuity_line(row: Row) -> dict[str, Any] | None:
    """Every line, whatever it says: which school continues which follows from all of them (domain/links.py)."""
    return {
        "urn": urn(row, "URN"),
        "linked_urn": urn(row, "LinkURN"),
        "link_type": text(row, "LinkType"),
        "established_on": day(row, "LinkEstablishedDate"),
    }


_STATUS = ("Group Status (code)", "Group Status")
_GROUP_COLUMNS = frozenset(
    {
        "Group UID",
        "Group ID",
        "Group Name",
        "Companies House Number",
        "Group Type (code)",
        "Group Type",
        "Closed Date",
        "Open date",
        "Incorporated on (open date)",
        *_STATUS,
    }
)

GROUPS = Layout(
    name="groups",
    title="GIAS groups",
    columns=("Group UID", "Group Name", "Group Type", _STATUS, "Open date", "Closed Date"),
    line=group_line,
    identity=lambda row: text(row, "Group UID"),
    known=_GROUP_COLUMNS
    | {f"Group {part}" for part in ("Street", "Locality", "Address 3", "Town", "County", "Postcode")}
    | {f"Head of Group {part}" for part in ("Title", "First Name", "Last Name")}
    | {"UKPRN"},
)

GROUP_LINKS = Layout(
    name="group-links",
    title="GIAS group links",
    columns=("URN", "Group UID", "Group Name", "Group Type", _STATUS, "Joined date"),
    line=trust_line,
    identity=lambda row: f"{text(row, 'URN')} {text(row, 'Group UID')}",
    known=_GROUP_COLUMNS
    | {"URN", "Joined date", "EstablishmentName", "LA (code)", "LA (name)"}
    | {f"{of} ({by})" for of in ("TypeOfEstablishment", "PhaseOfEducation") for by in ("code", "name")},
)

SCHOOL_LINKS = Layout(
    name="school-links",
    title="GIAS links between schools",
    columns=("URN", "LinkURN", "LinkType", "LinkEstablishedDate"),
    line=continuity_line,
    identity=lambda row: f"{text(row, 'URN')} {text(row, 'LinkURN')} {text(row, 'LinkType')}",
    known=frozenset({"URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate"}),
)
