"""Bodies of schools: consortia, area networks and the others, and which schools belong to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.refusal import NotFound


class UnknownBody(NotFound):
    def __init__(self, body_id: UUID):
        super().__init__(f"There is no body {body_id}")


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


@dataclass(frozen=True)
class Membership:
    """A school belongs to a body on the days [from_date, until). The chair of its lead body counts for the school."""

    body_id: UUID
    urn: str
    from_date: date
    until: date | None
    lead: bool

    def holds_on(self, day: date) -> bool:
        return self.from_date <= day and (self.until is None or day < self.until)


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
