"""Events of membership about the register: schools, bodies, which school is in which, people."""

from datetime import date
from uuid import UUID, uuid5

from pydantic import Field

from shared.contracts.registry import EventData, Sensitivity, event

PEOPLE_TOPIC = "consortia.membership.people.v1"

DUTY_DESK, IMPROVEMENT_DESK = "duty-desk", "improvement-desk"
DESKS = (DUTY_DESK, IMPROVEMENT_DESK)

_OF_DESKS = UUID("5f0c6c0e-7d0b-4a51-9d86-3b6a2e1f4c87")


def desk_id(authority: str, desk: str) -> UUID:
    """Under which id a desk's mailbox and telephone stand in the people topic: nobody's, since people's are drawn."""
    return uuid5(_OF_DESKS, f"{authority}/{desk}")


@event("membership", "school.recorded", Sensitivity.PUBLIC)
class SchoolRecorded(EventData):
    """A school as the register has it now: published when it is first imported and whenever a line of it changes."""

    urn: str
    authority: str
    name: str
    phase: str
    type_code: str
    sector: str = Field(description="maintained, academy, other or unknown, by the establishment type")
    state_funded: bool
    open: bool
    opened_on: date | None = None
    closed_on: date | None = None
    postcode_district: str | None = None
    area: str | None = Field(default=None, description="The area whose Area Analysis Group the school falls to")
    region: str
    trust_id: str | None = None
    trust_name: str | None = None


@event("membership", "body.recorded", Sensitivity.PUBLIC)
class BodyRecorded(EventData):
    """A body of schools or people exists, with the terms of reference that other services act on."""

    body_id: UUID
    authority: str
    kind: str = Field(
        description="primary-consortium, area-network, special-group, excellence-group, area-analysis-group"
    )
    name: str
    area: str | None = Field(default=None, description="The area, where it is one; for readers older than `areas`")
    areas: list[str] = Field(default=[], description="The areas that the body lies in: none, one or several (W-29)")
    opened_on: date
    closed_on: date | None = None
    award_pence: int | None = Field(default=None, description="Award a year; absent where the terms give none (W-31)")
    award_year_starts: str = Field(default="04-01", description="Month and day on which an award year begins")

    @property
    def lies_in(self) -> list[str]:
        """Its areas, also where it was recorded when a body could have but one."""
        return self.areas or ([self.area] if self.area is not None else [])


@event("membership", "school.joined-body", Sensitivity.PUBLIC)
class SchoolJoinedBody(EventData):
    """A school belongs to a body from a date. Key: the body."""

    body_id: UUID
    urn: str
    from_date: date
    lead: bool = Field(description="Whether this is the school's lead body, whose chair counts for the school")


@event("membership", "school.left-body", Sensitivity.PUBLIC)
class SchoolLeftBody(EventData):
    """A school no longer belongs to a body from a date. Key: the body."""

    body_id: UUID
    urn: str
    left_on: date


@event("membership", "person.recorded", Sensitivity.PERSONAL, topic=PEOPLE_TOPIC)
class PersonRecorded(EventData):
    """A person's name and work address, or a desk's mailbox and telephone under the desk's own id.

    Only in the people topic; a tombstone erases it.
    """

    person_id: UUID
    name: str
    email: str
    telephone: str | None = None
