"""Invented dates of meetings: one heads' meeting and one Area Analysis Group in each half-term (W-12: two per term).

The half-terms of 2025-26 and 2026-27 are real; those of the years before are the same weeks, reckoned back in whole
weeks. The dates of the meetings themselves are invented.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from uuid import UUID

from infra.demo.bodies import warwickshire
from shared.calendar import DATA

# 52 weeks back keep the day of the week.
A_SCHOOL_YEAR = timedelta(weeks=52)
FIRST_YEAR = 2023


@dataclass(frozen=True)
class Meeting:
    body_id: UUID
    kind: str  # heads or area-analysis-group
    on: date


@cache
def half_terms() -> tuple[date, ...]:
    """The first days of Warwickshire's half-terms, from September 2023 on."""
    known = json.loads((DATA / "term_dates.json").read_text(encoding="utf-8"))["warwickshire"]
    first = [date.fromisoformat(begins) for begins, _ in known["2025-26"]["half_terms"]]
    second = [date.fromisoformat(begins) for begins, _ in known["2026-27"]["half_terms"]]
    before = [day - A_SCHOOL_YEAR * years for years in (2025 - FIRST_YEAR, 1) for day in first]
    return (*before, *first, *second)


def meetings() -> list[Meeting]:
    """Area Analysis Groups meet on the Tuesday of the third week, heads on Thursdays of the second to fourth."""
    found: list[Meeting] = []
    for begins in half_terms():
        monday = begins - timedelta(days=begins.weekday())
        for number, body in enumerate(warwickshire()):
            if body.kind == "area-analysis-group":
                found.append(Meeting(body.id, body.kind, monday + timedelta(weeks=2, days=1)))
            else:
                found.append(Meeting(body.id, "heads", monday + timedelta(weeks=1 + number % 3, days=3)))
    return sorted(found, key=lambda meeting: (meeting.on, meeting.body_id))
