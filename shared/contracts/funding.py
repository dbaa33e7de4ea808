"""Events of the funding service: awards for the chair's backfill. Money is integer pence."""

from datetime import date
from uuid import UUID

from pydantic import Field

from shared.contracts.registry import EventData, event


class AwardShare(EventData):
    """A school's part of one body's award: the days its head was in the chair, and the pence they give."""

    urn: str
    days: int = Field(ge=1)
    pence: int = Field(ge=0)


@event("funding", "award.opened")
class AwardOpened(EventData):
    """The award of a body for one year exists: an entitlement, not a payment (W-31). Key: the body."""

    award_id: UUID
    body_id: UUID
    year_from: date
    year_to: date = Field(description="First day after the award year")
    amount_pence: int
    shares: list[AwardShare]
    unawarded_days: int
    unawarded_pence: int


@event("funding", "award.adjusted")
class AwardAdjusted(EventData):
    """The shares of a body's award changed because the chair did (W-31). Key: the body."""

    award_id: UUID
    body_id: UUID
    year_from: date
    year_to: date
    amount_pence: int
    before: list[AwardShare]
    after: list[AwardShare]
    unawarded_days: int
    unawarded_pence: int
    from_date: date = Field(description="The day from which the shares differ")
