"""An independent reading of Ofsted's management information: which category each school should be in, and why.

Written from the published table (R0.1) and from Ofsted's own columns alone. It shares no line with the service that it
checks, and must not import it.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "infra" / "demo" / "data"
MANAGEMENT_INFORMATION = DATA / "ofsted_mi_20250831_warwickshire_bristol.csv"
EVENTS = DATA / "ofsted_events_derived_warwickshire_bristol.csv"
SNAPSHOTS = DATA / "ofsted_snapshots_2020_2024_2025_warwickshire_bristol.csv"

# The six columns that the table reads, once for the latest graded inspection and once for the one before.
LATEST = {
    "number": "Inspection number of latest graded inspection",
    "start": "Inspection start date",
    "published": "Publication date",
    "urn_then": "URN at time of latest graded inspection",
    "own": "Does the latest graded inspection relate to the URN of the current school?",
    "headline": "Overall effectiveness",
    "concern": "Category of concern",
    "quality": "Quality of education",
    "leadership": "Effectiveness of leadership and management",
    "safeguarding": "Safeguarding is effective?",
}
PREVIOUS = {
    "number": "Previous inspection number",
    "start": "Previous inspection start date",
    "published": "Previous publication date",
    "urn_then": "URN at time of previous graded inspection",
    "own": "Does the previous graded inspection relate to the URN of the current school?",
    "headline": "Previous graded inspection overall effectiveness",
    "concern": "Previous category of concern",
    "quality": "Previous quality of education",
    "leadership": "Previous effectiveness of leadership and management",
    "safeguarding": "Previous safeguarding is effective?",
}


@dataclass(frozen=True)
class Expected:
    """The category that a school should be in, and in words why. ``None``: nothing published counts for it."""

    category: int | None
    why: str
    inspection_number: str | None = None


@dataclass(frozen=True)
class Graded:
    urn: str  # the school in whose row it stands
    urn_then: str  # the school that was inspected
    number: str
    started: date
    published: date
    category: int


@dataclass(frozen=True)
class Row:
    urn: str
    name: str
    authority: str
    kind: str
    opened: date | None
    graded: tuple[Graded, ...]  # the latest first

    @property
    def converter(self) -> bool:
        return "Converter" in self.kind


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _date(text: str) -> date | None:
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None  # noqa: DTZ007


def category_by_the_table(headline: str, concern: str, quality: str, leadership: str, safeguarding: str) -> int:
    """The table of R0.1 for reports without a report card."""
    if concern or safeguarding == "No":
        return 4
    if headline in {"1", "2", "3", "4"}:
        return int(headline)
    assert headline == "Not judged", headline
    return max(int(quality), int(leadership))


@cache
def management_information() -> dict[str, Row]:
    return {row["URN"]: _read(row) for row in _rows(MANAGEMENT_INFORMATION)}


def _read(row: dict[str, str]) -> Row:
    found = []
    for columns in (LATEST, PREVIOUS):
        value = {what: row[column] for what, column in columns.items()}
        if not value["number"]:
            continue
        started, published = _date(value["start"]), _date(value["published"])
        assert started is not None
        assert published is not None
        grades = (value[what] for what in ("headline", "concern", "quality", "leadership", "safeguarding"))
        category = category_by_the_table(*grades)
        assert (value["own"] == "Yes") == (value["urn_then"] == row["URN"])
        found.append(Graded(row["URN"], value["urn_then"], value["number"], started, published, category))
    return Row(
        row["URN"],
        row["School name"],
        row["LAESTAB"][:3],
        row["Type of education"],
        _date(row["School open date"]),
        tuple(found),
    )


def not_judged() -> set[str]:
    """Schools whose latest graded inspection gave no headline grade."""
    return {row["URN"] for row in _rows(MANAGEMENT_INFORMATION) if row["Overall effectiveness"] == "Not judged"}


def never_inspected() -> set[str]:
    return {urn for urn, row in management_information().items() if not row.graded}


def judged_as_a_predecessor() -> set[str]:
    """Schools whose latest graded outcome is that of the school they took over from."""
    return {urn for urn, row in management_information().items() if row.graded and row.graded[0].urn_then != urn}


def expected(urn: str, on: date = date.max) -> Expected:
    """The category in force under the default policy: the latest own outcome, else a converter's inherited one."""
    row = management_information()[urn]
    known = [graded for graded in row.graded if graded.published <= on]
    own = [graded for graded in known if graded.urn_then == urn]
    before = [graded for graded in known if graded.urn_then != urn]
    if own:
        latest = max(own, key=lambda graded: (graded.started, graded.published))
        return Expected(latest.category, "its own outcome", latest.number)
    if not before:
        return Expected(None, "never inspected" if not row.graded else "nothing published yet")
    if not row.converter:
        return Expected(None, f"not inherited by type: {row.kind.lower()}")
    if row.opened is not None and on < row.opened:
        return Expected(None, "not yet open")
    latest = max(before, key=lambda graded: (graded.started, graded.published))
    return Expected(latest.category, f"inherited from {latest.urn_then}", latest.number)


# -- two earlier days, as other people's lists had them ---------------------------------------------

LISTED = {
    "Outstanding": 1,
    "Good": 2,
    "Requires improvement": 3,
    "Requires Improvement": 3,
    "Inadequate": 4,
    "Special Measures": 4,
    "Serious Weaknesses": 4,
}

NOT_STATE_FUNDED = "independent, college or closed without a trace in Ofsted's file of state-funded schools of 2025"
EARLIER_INSPECTION = "the listed grade comes from an inspection before the two that Ofsted's file of 2025 still names"
NOT_LISTED_AS_INHERITED = "the list of that day left a converter blank until its own first inspection"
LIST_BEHIND = "the report had come out within the five weeks before; the list still has the grade before it"
LIST_AHEAD = "the list of grades was younger than the register it was joined to: it has a report of the months after"


@dataclass(frozen=True)
class Listed:
    urn: str
    name: str
    category: int | None


def snapshot(on: date) -> list[Listed]:
    """The schools of one earlier list, with the grade that it gives each."""
    column = f"rating_{on.isoformat()}"
    return [
        Listed(row["URN"], row["school_name"], LISTED.get(row[column]))
        for row in _rows(SNAPSHOTS)
        if str(on.year) in row["present"].split(",")
    ]


@cache
def inspections_of() -> dict[str, tuple[Graded, ...]]:
    """Every known graded inspection by the school that was inspected, predecessors too."""
    found: dict[str, list[Graded]] = {}
    for row in management_information().values():
        for graded in row.graded:
            found.setdefault(graded.urn_then, []).append(graded)
    return {urn: tuple(graded) for urn, graded in found.items()}


def reason_for_difference(listed: Listed, ours: int | None, on: date) -> str | None:
    """Why our answer for a day differs from that day's list; ``None`` where nothing explains it."""
    row = management_information().get(listed.urn)
    own = inspections_of().get(listed.urn, ())
    if row is None and not own:
        return NOT_STATE_FUNDED
    if ours is None and listed.category is not None and all(graded.published > on for graded in own):
        return EARLIER_INSPECTION
    if listed.category is None and row is not None and not [graded for graded in own if graded.published <= on]:
        return NOT_LISTED_AS_INHERITED if ours == expected(listed.urn, on).category else None
    if [graded for graded in own if graded.category == ours and 0 <= (on - graded.published).days <= 35]:
        return LIST_BEHIND
    if [graded for graded in own if graded.category == listed.category and 0 < (graded.published - on).days <= 92]:
        return LIST_AHEAD
    return None
