"""From when until when an answer holds, by the dates among the facts (R0.3).

Which facts is for the caller to say: somebody of the school is answered by those that she may know (R0.8).
"""

from datetime import date

from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import Facts, next_change, standing


def holds_until(facts: Facts, matter: Matter, day: date) -> date | None:
    """The first later day on which the facts give another answer, or none any more; None where they have no such day."""
    later = next_change(facts, day)
    if later is None:
        return None
    given = _answer(facts, matter, day)
    while later is not None and _answer(facts, matter, later) == given:
        later = next_change(facts, later)
    return later


def holds_since(facts: Facts, matter: Matter, day: date, not_before: date) -> date:
    """The day from which on, without a break, the facts have given the answer of this day: none before ``not_before``."""
    begins = looked_at = not_before
    given = _answer(facts, matter, begins)
    while (later := next_change(facts, looked_at)) is not None and later <= day:
        looked_at = later
        if (answer := _answer(facts, matter, later)) != given:
            begins, given = later, answer
    return begins


def _answer(facts: Facts, matter: Matter, day: date) -> object:
    """What makes one answer another in the record: who speaks, by which rule, in which category (store/answers.py)."""
    now = standing(facts, day)
    speaker = now.speaker(matter)
    return (speaker, now.category.value) if speaker is not None else None
