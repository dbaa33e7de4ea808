"""The real Ofsted outcomes as messages for ``POST /outcomes``, in the order in which they were published."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

from infra.demo.registers import EVENTS, OFSTED, rows

Outcome = dict[str, Any]

# The columns of Ofsted's file in which the key judgements of an inspection stand. The events file has none of them; they are
# joined by inspection number.
KEY_JUDGEMENTS = (
    (
        "Inspection number of latest graded inspection",
        "Quality of education",
        "Effectiveness of leadership and management",
        "Safeguarding is effective?",
    ),
    (
        "Previous inspection number",
        "Previous quality of education",
        "Previous effectiveness of leadership and management",
        "Previous safeguarding is effective?",
    ),
)


def _grade(text: str) -> int | None:
    """1 to 4; Ofsted writes 9 and 0 for what was not judged."""
    return int(text) if text in {"1", "2", "3", "4"} else None


@cache
def key_judgements() -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for row in rows(OFSTED):
        for number, quality, leadership, safeguarding in KEY_JUDGEMENTS:
            if row[number]:
                found[row[number]] = {
                    "quality_of_education": _grade(row[quality]),
                    "leadership": _grade(row[leadership]),
                    "safeguarding_effective": {"Yes": True, "No": False}.get(row[safeguarding]),
                }
    return found


@cache
def report_links() -> dict[str, str]:
    return {row["URN"]: row["Web Link (opens in new window)"] for row in rows(OFSTED)}


def _outcome(row: dict[str, str]) -> Outcome:
    graded = row["event_kind"] != "latest_ungraded"
    outcome: Outcome = {
        "urn": row["URN"],
        "urn_at_time": row["URN_at_time"],
        "inspection_number": row["inspection_number"],
        "kind": "graded" if graded else "ungraded",
        "inspection_started_on": row["inspection_start_date"],
        "published_on": row["publication_date"],
        "report_link": report_links()[row["URN"]],
    }
    if graded:
        outcome["headline"] = _grade(row["overall_effectiveness"])
        outcome["category_of_concern"] = row["category_of_concern"] or None
        outcome.update(key_judgements()[row["inspection_number"]])
    return outcome


def published() -> Iterator[tuple[date, list[Outcome]]]:
    """Each day on which something was published, oldest first, with all that was."""
    day: date | None = None
    batch: list[Outcome] = []
    for row in rows(EVENTS):
        on = datetime.fromisoformat(row["publication_date"]).date()
        if day is not None and on != day:
            yield day, batch
            batch = []
        day = on
        batch.append(_outcome(row))
    if day is not None:
        yield day, batch
