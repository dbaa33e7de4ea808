"""To whom a message goes that was made for somebody in a post: to whoever is in it when it may go at last (R0.8).

She who heads a school, she who chairs its governors, and she who hears for a trust. What waits for a school day, the end
of a week or the mail server may outlast her time.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

CHIEF_EXECUTIVE = "chief-executive"


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody is in a post on the days [from_date, until)."""

    person_id: UUID
    from_date: date
    until: date | None
    post: str = ""

    def on(self, day: date) -> bool:
        return self.from_date <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Line:
    """Everybody in the posts of a school or a trust, by the last word on it. Which word that was: ids are minted in order."""

    told_as: UUID
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Who was named for a post when a message was made, by which event and on which day; both unknown of older messages."""

    person_id: UUID
    by: UUID | None
    on: date | None


def in_post(held: Iterable[Held], day: date) -> frozenset[UUID]:
    return frozenset(each.person_id for each in held if each.on(day))


def hears_for(line: Line, heads: Collection[UUID], day: date) -> frozenset[UUID]:
    """Who is written to for a trust: its chief executive, else its School Improvement Partner; or whoever chairs a school's
    governors. But for whoever heads the school in question: she hears as its head, and the trust through the other one.
    Nobody, where nobody is in post."""
    there = [each for each in line.held if each.on(day) and each.person_id not in heads]
    first = sorted(there, key=lambda each: (each.post != CHIEF_EXECUTIVE, each.from_date, str(each.person_id)))[:1]
    return frozenset(each.person_id for each in first)


def hear_now(line: Line | None, heads: Collection[Held], named: Named, today: date) -> frozenset[UUID] | None:
    """Who hears for a trust, or in the chair of the governors, what was made for whoever was named; None where nothing is
    known of another than her.

    A line that is older than whatever named her, and has another on the day on which it did, is not the last word: that
    comes under another key, and is yet to be read.
    """
    if line is None:
        return None
    if named.by is not None and named.on is not None and line.told_as < named.by:
        then = hears_for(line, in_post(heads, named.on), named.on)
        if named.person_id not in then:
            return None
    return hears_for(line, in_post(heads, today), today)
