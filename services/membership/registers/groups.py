"""Links of the register: which trust a school belongs to, and which school it continues."""

from typing import Any

from services.membership.registers.reading import Layout, Row, day, text, urn

TRUSTS = {"multi-academy trust", "single-academy trust"}  # sponsors, federations and others aren't trusts

PREDECESSORS = {
    "predecessor": False,
    "predecessor - merged": True,
    "predecessor - amalgamated": True,
    "result of amalgamation": True,
}


def trust_line(row: Row) -> dict[str, Any] | None:
    if text(row, "Group Type").lower() not in TRUSTS or text(row, "Group Status (code)").upper() == "CLOSED":
        return None
    return {
        "urn": urn(row, "URN"),
        "trust_id": text(row, "Group UID"),
        "trust_name": text(row, "Group Name"),
        "joined_on": day(row, "Joined date"),
    }


def continuity_line(row: Row) -> dict[str, Any] | None:
    kind = text(row, "LinkType").lower()
    if kind not in PREDECESSORS:
        return None
    return {"urn": urn(row, "URN"), "predecessor_urn": urn(row, "LinkURN"), "merged": PREDECESSORS[kind]}


GROUP_LINKS = Layout(
    kind="group-links",
    title="GIAS group links",
    columns=("URN", "Group UID", "Group Name", "Group Type", "Group Status (code)", "Joined date"),
    line=trust_line,
    identity=lambda row: f"{text(row, 'URN')} {text(row, 'Group UID')}",
)

SCHOOL_LINKS = Layout(
    kind="school-links",
    title="GIAS links between schools",
    columns=("URN", "LinkURN", "LinkType", "LinkEstablishedDate"),
    line=continuity_line,
    identity=lambda row: f"{text(row, 'URN')} {text(row, 'LinkURN')} {text(row, 'LinkType')}",
)
