"""What ends with a body, and goes on where its closing is withdrawn or was on another day (W-02, R0.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.body import Body, Membership, TermsBeginLater, parts_of, whole
from services.membership.domain.office import NothingToCorrect, Term, must_have_reason
from shared.refusal import Invalid, Refusal

PLACE, TERM = "place", "term"


class ClosesNever(Refusal):
    def __init__(self, name: str):
        super().__init__(f"{name} isn't recorded as closing: there is nothing to put right")


class ClosesBeforeItOpens(Invalid):
    def __init__(self, name: str, opened_on: date):
        super().__init__(f"{name} opened on {opened_on:%-d %B %Y}: enter a later day, or withdraw the closing")


class PlaceBeginsLater(Refusal):
    def __init__(self, name: str, urn: str, from_date: date):
        super().__init__(
            f"{urn} belongs to {name} from {from_date:%-d %B %Y}, when it is closed: withdraw that place first "
            "(`consortia correction withdraw-place`)"
        )


@dataclass(frozen=True)
class EndedWith:
    """A place or a term that ends with ``cause``: the body that closes, or the term that began in its stead."""

    cause: UUID
    kind: str  # place or term
    subject: str  # the school, or the term
    from_date: date
    until: date | None  # when it would end without that
    reason: str | None = None  # why a term would end then
    said: bool = False  # readers know of its end, though that may lie ahead


def correct_closing(body: Body, closed_on: date, *, reason: str) -> date:
    """Whether the body may have closed on that day instead, as far as the body itself goes. The day that was entered."""
    before = withdraw_closing(body, reason=reason)
    if closed_on == before:
        raise NothingToCorrect
    if closed_on <= body.opened_on:
        raise ClosesBeforeItOpens(body.name, body.opened_on)
    return before


def withdraw_closing(body: Body, *, reason: str) -> date:
    """Whether there is a closing to withdraw. Its day."""
    must_have_reason(reason)
    if body.closed_on is None:
        raise ClosesNever(body.name)
    return body.closed_on


def must_have_begun(
    body: Body, closed_on: date, terms: Iterable[Term], places: Iterable[Membership], today: date
) -> None:
    """A term or a place that begins only when the body is closed was decided for a body that is to go on.

    A place that lies ahead is taken back with the closing, since it was told to nobody.
    """
    for term in sorted(terms, key=lambda each: each.from_date):
        if term.from_date >= closed_on:
            raise TermsBeginLater(body.name, term.from_date)
    mine = sorted(
        (each for each in places if each.body_id == body.body_id), key=lambda each: (each.from_date, each.urn)
    )
    for place in (whole(parts_of(mine, each)) for each in mine):
        if closed_on <= place.from_date <= today:
            raise PlaceBeginsLater(body.name, place.urn, place.from_date)


def places_with(
    body_id: UUID,
    urn: str,
    places: Sequence[Membership],
    kept: Sequence[EndedWith],
    *,
    was: date | None,
    now: date | None,
) -> tuple[list[Membership], list[EndedWith]]:
    """The places of a school when the body closes on ``now``, not on ``was``; and how those in it would run on.

    None: it doesn't close. Which body leads is decided afresh.
    """
    mine = [each for each in places if each.body_id == body_id]
    found = [each for each in places if each.body_id != body_id]
    noted: list[EndedWith] = []
    for parts in whole_places(mine):
        place = whole(parts)
        cut = [each for each in kept if was is not None and place.until == was > each.from_date]
        until = max(cut, key=lambda each: each.from_date).until if cut else place.until
        ends = _earlier(until, now)
        if ends != until or (now is not None and place.from_date >= now):
            noted.append(EndedWith(body_id, PLACE, urn, place.from_date, until))
        if now is None or place.from_date < now:
            found += _ending(parts, ends)
    for each in kept:
        if was is None or each.from_date < was or any(_meets(place, each) for place in mine):
            continue
        ends = _earlier(each.until, now)  # planned for a day on which there was to be no such body any more
        if ends != each.until or (now is not None and each.from_date >= now):
            noted.append(each)
        if now is None or each.from_date < now:
            found.append(Membership(body_id, urn, each.from_date, ends, lead=False))
    return found, noted


@dataclass(frozen=True)
class TermWith:
    """A term of office before and after, and how it would run on without the closing; None where that is all the same."""

    before: Term
    after: Term
    reason: str | None
    kept: EndedWith | None


def terms_with(
    body: Body,
    terms: Iterable[Term],
    kept: Iterable[EndedWith],
    *,
    was: date | None,
    now: date | None,
    why: str,
    reasons: Mapping[UUID, str],
) -> list[TermWith]:
    """The terms of the body when it closes on ``now``, not on ``was``, each that the one or the other ends."""
    cut = {each.subject: each for each in kept if each.kind == TERM}
    found = []
    for term in terms:
        noted = cut.get(str(term.term_id)) if was is not None and term.until == was else None
        until = noted.until if noted is not None else term.until
        reason = noted.reason if noted is not None else reasons.get(term.term_id)
        ends = _earlier(until, now)
        if noted is None and ends == term.until:
            continue
        after = replace(term, until=ends)
        runs_on = EndedWith(body.body_id, TERM, str(term.term_id), term.from_date, until, reason)
        found.append(TermWith(term, after, reason if ends == until else why, runs_on if ends != until else None))
    return found


def _earlier(until: date | None, closed_on: date | None) -> date | None:
    return min((day for day in (until, closed_on) if day is not None), default=None)


def whole_places(mine: Sequence[Membership]) -> list[list[Membership]]:
    """The places, each in its parts, in order."""
    found: list[list[Membership]] = []
    for each in sorted(mine, key=lambda each: each.from_date):
        if not any(each in parts for parts in found):
            found.append(parts_of(mine, each))
    return found


def _ending(parts: Sequence[Membership], until: date | None) -> list[Membership]:
    """The parts of a place that ends on that day instead."""
    there = [each for each in parts if until is None or each.from_date < until]
    return [*there[:-1], replace(there[-1], until=until)]


def _meets(place: Membership, planned: EndedWith) -> bool:
    return (planned.until is None or place.from_date < planned.until) and (
        place.until is None or planned.from_date < place.until
    )
