"""How an outcome stands in a line of Ofsted's files: of 76 columns, or of 85 with a report card or what was before it."""

from datetime import date
from typing import Any

from services.membership.registers import ofsted
from services.membership.registers.reading import columns_of
from tests.bitemporal.model import Outcome

Line = dict[str, Any]


def line_of(outcome: Outcome, urn: str, number: str, *, of_2026: bool) -> Line | None:
    """What the product reads of it in such a line. None of an ungraded inspection, whose line has no grades."""
    if outcome.kind != "graded":
        return None
    if outcome.card:
        layout, columns, safe = ofsted.OFSTED_REPORT_CARDS, ofsted.FULL, ("Met", "Not met")
    elif of_2026:
        layout, columns, safe = ofsted.OFSTED_REPORT_CARDS, ofsted.EARLIER_FRAMEWORK, ("Yes", "No")
    else:
        layout, columns, safe = ofsted.OFSTED, ofsted.LATEST, ("Yes", "No")
    row = dict.fromkeys(columns_of("ofsted_2025" if layout is ofsted.OFSTED else "ofsted_2026"), "")
    row |= {"URN": urn, "LAESTAB": "9379918", "School name": outcome.urn}
    row |= {
        columns["number"]: number,
        columns["started"]: _written(outcome.started),
        columns["published"]: _written(outcome.published),
        columns["urn"]: urn,
        columns["concern"]: outcome.concern or "",
        columns["safeguarding"]: "" if outcome.safe is None else safe[0 if outcome.safe else 1],
    }
    if outcome.card:
        row |= {ofsted.AREAS[ofsted.Area(area)][0]: grade.capitalize() for area, grade in outcome.card}
    else:
        row |= {columns[what]: str(getattr(outcome, what) or 9) for what in ("headline", "quality", "leadership")}
    read = layout.line(row)
    assert read is not None
    (found,) = read["outcomes"]
    return dict(found)


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
