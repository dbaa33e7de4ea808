"""One step of the reasoning behind an answer."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.clock import london_date


@dataclass(frozen=True)
class Step:
    """One line of the reasoning, and when what it rests on was known.

    ``fact_id``: by which the fact is named where somebody corrects it, withdraws it or ends it: its id, or what stands for
    one, as the number of an inspection, the person of a headship or of a post in a trust, the body of a place.
    """

    about: str
    says: str
    from_date: date | None = None
    until: date | None = None
    known_on: date | None = None
    counts: bool = True
    fact_id: str | None = None


def known_on(recorded_at: datetime) -> date:
    return london_date(recorded_at)
