"""Reads the register files of the demo: which state-funded schools were open, where, and who took over from whom."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
GIAS = DATA / "gias_composite_warwickshire_bristol.csv"
OFSTED = DATA / "ofsted_mi_20250831_warwickshire_bristol.csv"
EVENTS = DATA / "ofsted_events_derived_warwickshire_bristol.csv"
SNAPSHOTS = DATA / "ofsted_snapshots_2020_2024_2025_warwickshire_bristol.csv"
GROUP_LINKS = DATA / "gias_grouplinks_20220718_warwickshire_bristol.csv"
LINKS = DATA / "gias_links_20250422_warwickshire_bristol.csv"

WARWICKSHIRE = "937"
BRISTOL = "801"

GO_LIVE = date(2023, 9, 1)

# Establishment types by the register's own codes; the demo must not lean on the service that it demonstrates.
MAINTAINED_TYPES = frozenset({"1", "2", "3", "5", "7", "12", "14", "15"})
ACADEMY_TYPES = frozenset({"6", "28", "33", "34", "35", "36", "38", "39", "40", "41", "42", "43", "44", "45", "46"})
MAINTAINED_NAMES = frozenset(
    {
        "Community School",
        "Voluntary Controlled School",
        "Voluntary Aided School",
        "Foundation School",
        "LA Nursery School",
        "Community Special School",
        "Foundation Special School",
        "Pupil Referral Unit",
    }
)
ALL_THROUGH = "All-through"


@dataclass(frozen=True)
class School:
    urn: str
    authority: str
    name: str
    phase: str  # Primary, Nursery, Secondary, All-through, Special, PRU or 16 plus
    district: str
    maintained: bool
    trust_id: str | None
    trust_name: str | None
    opened: date | None
    closed: date | None  # first day no longer open
    continued_by: str | None = None

    def open_on(self, on: date) -> bool:
        return (self.opened is None or self.opened <= on) and (self.closed is None or on < self.closed)


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def day(text: str) -> date | None:
    """The register writes 01-09-2024, Ofsted 01/09/2024, the derived files 2024-09-01."""
    if not text:
        return None
    if text[4] == "-":
        return date.fromisoformat(text)
    return datetime.strptime(text.replace("/", "-"), "%d-%m-%Y").date()  # noqa: DTZ007


def district(postcode: str) -> str:
    return postcode.split(" ", 1)[0] if postcode else ""


@cache
def single_academy_trusts() -> dict[str, tuple[str, str]]:
    """Ofsted lists multi-academy trusts only; a trust of one school is in the group links."""
    return {
        row["URN"]: (row["Group UID"], row["Group Name"])
        for row in rows(GROUP_LINKS)
        if row["Group Type"] == "Single-academy trust"
    }


def _successors() -> dict[str, str]:
    """Predecessor to successor, for every school that Ofsted lists as opened since the demo's first day."""
    listed = {row["URN"]: row for row in rows(OFSTED)}
    late = {urn for urn, row in listed.items() if (opened := day(row["School open date"])) and opened >= GO_LIVE}
    found = {
        row["LinkURN"]: row["URN"] for row in rows(LINKS) if row["URN"] in late and row["LinkType"].startswith("Pred")
    }
    # One school (Horfield) is not in the links file: the same number in the same authority is the same school.
    by_number = {listed[urn]["LAESTAB"]: urn for urn in late}
    for row in rows(GIAS):
        number = row["LA (code)"] + row["EstablishmentNumber"]
        if row["URN"] not in listed and row["EstablishmentStatus (name)"] == "Open" and number in by_number:
            found.setdefault(row["URN"], by_number[number])
    return found


@cache
def schools() -> dict[str, School]:
    """Every state-funded school of the two authorities that was open on some day from 1 September 2023 on, by URN."""
    found: dict[str, School] = {}
    gias = {row["URN"]: row for row in rows(GIAS)}
    for row in rows(OFSTED):
        urn = row["URN"]
        registered_phase = gias[urn]["PhaseOfEducation (name)"] if urn in gias else ""
        trust = (row["Multi-academy trust UID"], row["Multi-academy trust name"])
        maintained = row["Type of education"] in MAINTAINED_NAMES
        if not trust[0] and not maintained:
            trust = single_academy_trusts().get(urn, ("", ""))
        found[urn] = School(
            urn=urn,
            authority=row["LAESTAB"][:3],
            name=row["School name"],
            phase=ALL_THROUGH if registered_phase == ALL_THROUGH else row["Ofsted phase"],
            district=district(row["Postcode"]),
            maintained=maintained,
            trust_id=trust[0] or None,
            trust_name=trust[1] or None,
            opened=day(row["School open date"]),
            closed=None,
        )
    found |= {school.urn: school for school in _gone_or_unlisted(gias, found)}
    return dict(sorted(found.items()))


def _gone_or_unlisted(gias: dict[str, dict[str, str]], listed: dict[str, School]) -> Iterator[School]:
    """Predecessors that closed since the first day, and the open schools that Ofsted's file leaves out."""
    successors = _successors()
    for urn, row in gias.items():
        kind = row["TypeOfEstablishment (code)"]
        if urn in listed or kind not in MAINTAINED_TYPES | ACADEMY_TYPES:
            continue
        successor = successors.get(urn)
        closed = listed[successor].opened if successor else None
        # What the register of June 2024 has as closed it has without a date, so it can't be placed in time.
        if not row["EstablishmentStatus (name)"].startswith("Open"):
            continue
        phase = row["PhaseOfEducation (name)"]
        yield School(
            urn=urn,
            authority=row["LA (code)"],
            name=row["EstablishmentName"],
            phase=listed[successor].phase if successor else phase,
            district=district(row["Postcode"]),
            maintained=kind in MAINTAINED_TYPES,
            trust_id=None,
            trust_name=None,
            opened=day(row["OpenDate"]),
            closed=closed,
            continued_by=successor,
        )


def good_or_outstanding_on(on: date) -> frozenset[str]:
    """Schools whose latest headline grade was 1 or 2 on a day: from among their heads the demo takes its chairs."""
    latest: dict[str, str] = {}
    for row in rows(EVENTS):
        if row["overall_effectiveness"] and date.fromisoformat(row["publication_date"]) < on:
            latest[row["URN"]] = row["overall_effectiveness"]
    return frozenset(urn for urn, grade in latest.items() if grade in {"1", "2"})
