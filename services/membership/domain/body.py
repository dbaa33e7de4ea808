"""Bodies of schools: consortia, area networks and the others, and which schools belong to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.dated import Dated
from shared.refusal import Invalid, NotFound, Refusal


class UnknownBody(NotFound):
    def __init__(self, body_id: UUID):
        super().__init__(f"There is no body {body_id}: see `consortia body list`")


class BodyIsClosed(Refusal):
    def __init__(self, name: str, closed_on: date):
        super().__init__(f"{name} closes on {closed_on:%-d %B %Y}: enter an earlier day, or another body")


class ClosesAnotherDay(Refusal):
    def __init__(self, name: str, closed_on: date):
        super().__init__(
            f"{name} is recorded as closing on {closed_on:%-d %B %Y} already: if that is wrong, correct it (`consortia "
            "correction closing`)"
        )


class ClosesInThePast(Invalid):
    def __init__(self, closed_on: date, today: date):
        super().__init__(
            f"Its schools were in it and its officers spoke for them until today: {closed_on:%-d %B %Y} has gone. "
            f"Enter {today:%-d %B %Y} or a later day"
        )


class ClosingNeedsReason(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the body closes: it is kept with the terms of office that end")


class TermsBeginLater(Refusal):
    def __init__(self, name: str, from_date: date):
        super().__init__(
            f"A term of office at {name} begins on {from_date:%-d %B %Y}, when it is closed: withdraw that term first"
        )


@dataclass(frozen=True)
class Body:
    body_id: UUID
    authority: str
    kind: str
    name: str
    areas: Sequence[str]  # none, one or several: a network may lie in two (W-29)
    opened_on: date
    closed_on: date | None
    award_pence: int | None  # None: the terms give no award, which is not the same as an award of nothing (W-31)
    award_year_starts: str
    chair_office: UUID
    deputy_office: UUID
    acting_chair_office: UUID

    def office_id(self, post: str) -> UUID:
        return {"chair": self.chair_office, "deputy": self.deputy_office, "acting-chair": self.acting_chair_office}[
            post
        ]

    def last_until(self, from_date: date, until: date | None) -> date | None:
        """The end of a place or a term: with the body at the latest. Raises BodyIsClosed."""
        if self.closed_on is None:
            return until
        if from_date >= self.closed_on:
            raise BodyIsClosed(self.name, self.closed_on)
        return min(until, self.closed_on) if until is not None else self.closed_on

    def is_closed_on(self, day: date) -> bool:
        return self.closed_on is not None and self.closed_on <= day


def close(body: Body, closed_on: date, *, reason: str, today: date) -> None:
    """Whether the body may close on that day, as far as the body itself goes."""
    if body.closed_on is not None and body.closed_on != closed_on:
        raise ClosesAnotherDay(body.name, body.closed_on)
    if body.closed_on is None and closed_on < today:
        raise ClosesInThePast(closed_on, today)
    if not reason.strip():
        raise ClosingNeedsReason


def why_asked(body: Body, closed_on: date) -> str:
    return (
        f"{body.name} closes on {closed_on:%-d %B %Y}, and the school is in no other body: enter the body to which it is to "
        "belong. Until then the duty desk answers where the chair would"
    )


@dataclass(frozen=True)
class Membership(Dated):
    """A school belongs to a body on the days [from_date, until). The chair of its lead body counts for the school."""

    body_id: UUID
    urn: str
    from_date: date
    until: date | None
    lead: bool


def lead_body(memberships: Iterable[Membership], urn: str, day: date) -> UUID | None:
    return next((each.body_id for each in memberships if each.urn == urn and each.lead and each.holds_on(day)), None)


def parts_of(places: Iterable[Membership], there: Membership) -> list[Membership]:
    """A place from its joining to its leaving: in parts where the body has begun or ceased to lead it meanwhile."""
    mine = [each for each in places if (each.body_id, each.urn) == (there.body_id, there.urn)]
    parts = [there]
    while before := next((each for each in mine if each.until == parts[0].from_date), None):
        parts.insert(0, before)
    while after := next((each for each in mine if each.from_date == parts[-1].until), None):
        parts.append(after)
    return parts


def whole(parts: Sequence[Membership]) -> Membership:
    """The parts of a place as one."""
    return replace(parts[0], until=parts[-1].until)
