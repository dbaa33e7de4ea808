"""Who was in the chair of a body on each day, and which school that person headed then (W-31).

All periods are half-open: from the first day up to, not including, `until`.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID


class Post(enum.StrEnum):
    CHAIR = "chair"
    ACTING_CHAIR = "acting-chair"


@dataclass(frozen=True)
class Move:
    """From this day the holder of the office heads another school, or none."""

    on: date
    to_urn: str | None


@dataclass(frozen=True)
class ChairTerm:
    """A term of office of a chair, or of a deputy acting as chair, with the schools headed in it."""

    term_id: UUID
    post: Post
    from_date: date
    urn: str | None
    planned_until: date | None = None
    ended_on: date | None = None
    moves: tuple[Move, ...] = ()

    @property
    def until(self) -> date | None:
        # What happened counts before what was planned: a term may end early or be carried on past its planned end.
        return self.ended_on or self.planned_until

    def in_office(self, on: date) -> bool:
        return self.from_date <= on and (self.until is None or on < self.until)

    def school_on(self, on: date) -> str | None:
        made = [move for move in self.moves if move.on <= on]
        return max(made, key=lambda move: move.on).to_urn if made else self.urn


@dataclass(frozen=True)
class Stretch:
    """Days in a row on which the chair was held from one school, from none, or by nobody."""

    from_date: date
    until: date
    urn: str | None
    vacant: bool = False

    @property
    def days(self) -> int:
        return (self.until - self.from_date).days

    @property
    def awarded(self) -> bool:
        return self.urn is not None

    @property
    def why_unawarded(self) -> str | None:
        if self.awarded:
            return None
        return "no chair" if self.vacant else "the chair heads no school"


@dataclass(frozen=True)
class ChairHistory:
    """Every known term of office of one body's chairs and acting chairs."""

    terms: tuple[ChairTerm, ...] = ()

    def in_the_chair(self, on: date) -> ChairTerm | None:
        """Whose school the day counts for: of all in office, the one who took up office last.

        So a deputy who acts for a chair still in office has the days of acting, and a new chair has every day from the
        first, even where the end of the acting is recorded late. On one and the same day the acting chair counts.
        """
        holders = [term for term in self.terms if term.in_office(on)]
        return max(
            holders, key=lambda term: (term.from_date, term.post is Post.ACTING_CHAIR, term.term_id), default=None
        )

    def during(self, first: date, until: date) -> tuple[Stretch, ...]:
        """The days of a period without gap or overlap, in order, neighbours that say the same joined."""
        cuts = sorted({first, *(day for day in self._days_of_change() if first < day < until)})
        stretches: list[Stretch] = []
        for begins, ends in zip(cuts, [*cuts[1:], until], strict=True):
            term = self.in_the_chair(begins)
            urn = term.school_on(begins) if term else None
            last = stretches[-1] if stretches else None
            if last is not None and (last.urn, last.vacant) == (urn, term is None):
                stretches[-1] = replace(last, until=ends)
            else:
                stretches.append(Stretch(begins, ends, urn, vacant=term is None))
        return tuple(stretches)

    def anybody_in_the_chair(self, first: date, until: date) -> bool:
        return not all(stretch.vacant for stretch in self.during(first, until))

    def without_term(self, term_id: UUID) -> "ChairHistory":
        """As it stood before that term of office was taken up."""
        return ChairHistory(tuple(term for term in self.terms if term.term_id != term_id))

    def without_ending(self, term_id: UUID) -> "ChairHistory":
        """As it stood before that term of office ended."""
        return self._with_changed(term_id, lambda term: replace(term, ended_on=None))

    def without_move(self, term_id: UUID, on: date) -> "ChairHistory":
        """As it stood before the holder moved school that day."""
        return self._with_changed(
            term_id, lambda term: replace(term, moves=tuple(move for move in term.moves if move.on != on))
        )

    def _with_changed(self, term_id: UUID, change: Callable[[ChairTerm], ChairTerm]) -> "ChairHistory":
        return ChairHistory(tuple(change(term) if term.term_id == term_id else term for term in self.terms))

    def _days_of_change(self) -> Iterable[date]:
        for term in self.terms:
            yield term.from_date
            if term.until is not None:
                yield term.until
            for move in term.moves:
                yield move.on
