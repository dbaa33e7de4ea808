"""Offices of a body: chair and deputy, their terms of office, and who stands in for whom."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.refusal import Invalid, NotFound, Refusal

CHAIR, DEPUTY, ACTING_CHAIR = "chair", "deputy", "acting-chair"
POSTS = (CHAIR, DEPUTY, ACTING_CHAIR)
ROUTES = ("meeting", "ballot", "taken-on")  # three routes to an office, all equal in the record (W-04)


class UnknownPost(Invalid):
    def __init__(self, post: str):
        super().__init__(f"{post} is not a post of a body: enter chair, deputy or acting-chair")


class UnknownRoute(Invalid):
    def __init__(self, route: str):
        super().__init__(f"{route} is not a route to an office: enter meeting, ballot or taken-on")


class PostIsHeld(Refusal):
    def __init__(self, post: str, from_date: date, until: date | None):
        end = f"until {until:%-d %B %Y}" if until else "with no end"
        super().__init__(
            f"The post of {post} is held from {from_date:%-d %B %Y} {end}: end that term first (`consortia office end`), or "
            "let the office change hands (`consortia office change`)"
        )


class HoldsTheOtherPost(Refusal):
    def __init__(self, other: str):
        super().__init__(f"This person is the {other} of the body in that time: one person can't hold both posts")


class ChairIsFilled(Refusal):
    def __init__(self) -> None:
        super().__init__("The chair is filled in that time, so nobody can be acting chair")


class EndsBeforeItBegins(Invalid):
    def __init__(self, from_date: date, ended_on: date):
        super().__init__(
            f"A term that begins on {from_date:%-d %B %Y} can't end on {ended_on:%-d %B %Y}: enter the first day "
            "no longer in office. If it began on another day or never was, correct or withdraw that term (`consortia "
            "correction`)"
        )


class AlreadyEnded(Refusal):
    def __init__(self, ended_on: date):
        super().__init__(f"This term of office ended on {ended_on:%-d %B %Y}")


class UnknownTerm(NotFound):
    def __init__(self, term_id: UUID):
        super().__init__(f"There is no term of office {term_id}: see `consortia body show`")


class NothingToCorrect(Invalid):
    def __init__(self) -> None:
        super().__init__("It reads like this already: enter what was really so")


class CorrectionNeedsReason(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter the reason for the correction: it is kept with what had been entered before")


class PostIsVacant(Refusal):
    def __init__(self, post: str, on: date):
        super().__init__(
            f"Nobody holds the post of {post} on {on:%-d %B %Y}: enter a term of office instead (`consortia office take-up`)"
        )


@dataclass(frozen=True)
class Term:
    """A term of office: a person holds a post of a body on the days [from_date, until)."""

    term_id: UUID
    office_id: UUID
    body_id: UUID
    post: str
    person_id: UUID
    from_date: date
    until: date | None
    route: str

    def held_on(self, day: date) -> bool:
        return self.from_date <= day and (self.until is None or day < self.until)

    def overlaps(self, from_date: date, until: date | None) -> bool:
        begins_before = until is None or self.from_date < until
        ends_after = self.until is None or from_date < self.until
        return begins_before and ends_after


def holder(terms: Iterable[Term], post: str, day: date) -> Term | None:
    """Who holds that post of the body on that day."""
    return next((term for term in terms if term.post == post and term.held_on(day)), None)


def take_up(terms: Sequence[Term], new: Term) -> Term:
    """A person takes up a post. Refused where the post is held, or where the person would hold both posts (W-04)."""
    if new.post not in POSTS:
        raise UnknownPost(new.post)
    if new.route not in ROUTES:
        raise UnknownRoute(new.route)
    if new.until is not None and new.until <= new.from_date:
        raise EndsBeforeItBegins(new.from_date, new.until)
    for term in terms:
        if not term.overlaps(new.from_date, new.until):
            continue
        if term.post == new.post:
            raise PostIsHeld(new.post, term.from_date, term.until)
        if {term.post, new.post} == {CHAIR, DEPUTY} and term.person_id == new.person_id:
            raise HoldsTheOtherPost(term.post)
        if term.post == CHAIR and new.post == ACTING_CHAIR:
            raise ChairIsFilled
    return new


def end(term: Term, ended_on: date) -> Term:
    """The term ends: ``ended_on`` is the first day no longer in office."""
    if term.until is not None and term.until <= ended_on:
        raise AlreadyEnded(term.until)
    if ended_on <= term.from_date:
        raise EndsBeforeItBegins(term.from_date, ended_on)
    return replace(term, until=ended_on)


@dataclass(frozen=True)
class Correction:
    """What was really so of a term of office or an allocation. None: as it was entered; ``no_end``: it has none."""

    person_id: UUID | None = None
    from_date: date | None = None
    until: date | None = None
    no_end: bool = False


def must_have_reason(reason: str) -> None:
    """Of every correction and withdrawal, of offices as of allocations and places. Raises CorrectionNeedsReason."""
    if not reason.strip():
        raise CorrectionNeedsReason


def correct(terms: Sequence[Term], term: Term, correction: Correction) -> Term:
    """The term as it really was or is, by the same rules as if it had been entered so."""
    corrected = replace(
        term,
        person_id=correction.person_id or term.person_id,
        from_date=correction.from_date or term.from_date,
        until=None if correction.no_end else correction.until or term.until,
    )
    if corrected == term:
        raise NothingToCorrect
    return take_up([each for each in terms if each.term_id != term.term_id], corrected)


def ended_for(terms: Iterable[Term], term: Term, made_room: Collection[UUID]) -> list[Term]:
    """The terms that ended only because this one began: the one before in the post, and whoever acted as chair.

    ``made_room``: the terms that ended because another began.
    """
    posts = {term.post, ACTING_CHAIR} if term.post == CHAIR else {term.post}
    return [each for each in terms if each.term_id in made_room and each.post in posts and each.until == term.from_date]


def go_on(terms: Sequence[Term], ended: Term, until: date | None) -> Term:
    """The term as it runs on without the one that ended it: until ``until``, or until another begins that ends it.

    Refused where somebody has come to hold the post, or the other one, in a way that doesn't go with it.
    """
    others = [each for each in terms if each.term_id != ended.term_id]
    begin = [each.from_date for each in others if _ends(each, ended) and each.from_date >= (ended.until or date.max)]
    ends = min((day for day in (until, *begin) if day is not None), default=None)
    return take_up(others, replace(ended, until=ends))


def that_ends(terms: Iterable[Term], ended: Term) -> Term | None:
    """The term that begins when this one ends, in its post or as chair where it was to act as chair."""
    return next((each for each in terms if _ends(each, ended) and each.from_date == ended.until), None)


def _ends(begins: Term, ended: Term) -> bool:
    return begins.post == ended.post or (begins.post, ended.post) == (CHAIR, ACTING_CHAIR)


def whether_it_went_on(ended: Term, of: Term, began_on: date | None) -> str:
    """``began_on``: when the term for which it ended really began; None where it never did."""
    really = f"began on {began_on:%-d %B %Y}" if began_on is not None else "never was"
    return (
        f"The {ended.post} in term {ended.term_id} ended on {of.from_date:%-d %B %Y} only because the {of.post} of term "
        f"{of.term_id} began then, which {really}. If it went on, correct its last day: until then the office is vacant"
    )


def acting_chair_steps_back(terms: Iterable[Term], chair: Term) -> Term | None:
    """Whoever acts as chair stops on the day a chair takes up the office."""
    acting = holder(terms, ACTING_CHAIR, chair.from_date)
    if acting is None or acting.from_date >= chair.from_date:
        return None
    return replace(acting, until=chair.from_date)
