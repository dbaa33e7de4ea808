"""The contact of a body on a day, as it was known then and as it is known now, and from when until when (R0.3, R0.4, W-15).

Nobody writes these answers down: they follow from the terms of office, and from what was known of those on each day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain.office import Term
from services.membership.domain.representation import Speaker, contact


@dataclass(frozen=True)
class _Entered:
    """What stood in the record at the end of the days [known_from, known_until)."""

    known_from: date
    known_until: date | None

    def was_known_on(self, day: date) -> bool:
        return self.known_from <= day and (self.known_until is None or day < self.known_until)


@dataclass(frozen=True)
class TermEntered(_Entered):
    term: Term


@dataclass(frozen=True)
class ClosingEntered(_Entered):
    closed_on: date | None


@dataclass(frozen=True)
class BodyRecord:
    """All that was ever entered of a body's officers and of its closing."""

    body_id: UUID
    opened_on: date
    terms: Sequence[TermEntered]
    closings: Sequence[ClosingEntered]

    def contact_on(self, day: date, *, known: date, asked_by: UUID | None) -> Speaker:
        """By what was known at the end of a day."""
        closed_on = next((each.closed_on for each in self.closings if each.was_known_on(known)), None)
        is_open = self.opened_on <= day and (closed_on is None or day < closed_on)
        terms = [each.term for each in self.terms if each.was_known_on(known)]
        return contact(terms, self.body_id, day, asked_by=asked_by, body_open=is_open)

    def given_on(self, day: date, *, today: date, asked_by: UUID | None) -> Speaker:
        """Who is named on that day: of one to come, who is planned for it."""
        return self.contact_on(day, known=min(day, today), asked_by=asked_by)

    def validity(self, day: date, *, today: date, asked_by: UUID | None) -> tuple[date | None, date | None]:
        """From when until when the same is named as on that day, without a break. None: there is no such day."""
        given = self.given_on(day, today=today, asked_by=asked_by)
        days = sorted({date.min, *self._dates()})
        differ = [each for each in days if self.given_on(each, today=today, asked_by=asked_by) != given]
        last_other = max((each for each in differ if each <= day), default=None)
        since = min((each for each in days if last_other is not None and each > last_other), default=None)
        return since, min((each for each in differ if each > day), default=None)

    def _dates(self) -> Iterator[date]:
        yield self.opened_on
        for term in self.terms:
            yield from (each for each in (term.known_from, term.known_until) if each is not None)
            yield from (each for each in (term.term.from_date, term.term.until) if each is not None)
        for closing in self.closings:
            yield from (
                each for each in (closing.known_from, closing.known_until, closing.closed_on) if each is not None
            )
