"""Events of membership about who speaks for a school, what it was told, and inspection calls."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.membership.register import DESKS
from shared.contracts.registry import EventData, Sensitivity, event

_DESK_ASKED = "Whether a desk of the council was asked: a department hears of the call from then on, and never before"


class Speaker(EventData):
    """Who speaks: a role, the office or allocation behind it, the person who holds it."""

    role: str = Field(
        description="chair, deputy, system-leader, trust-chief-executive, school-improvement-partner, trust, "
        "improvement-desk, duty-desk, or named-person: whom an officer named for a time"
    )
    office_id: UUID | None = None
    body_id: UUID | None = None
    trust_id: str | None = None
    person_id: UUID | None = None
    trust_contact_id: UUID | None = Field(
        default=None,
        description="Of a trust: who is written to for it, its chief executive or else its School Improvement Partner",
    )
    rule: str = Field(description="The routing rule that named this speaker")


@event("membership", "representation.reassigned", Sensitivity.RESTRICTED)
class RepresentationReassigned(EventData):
    """Another person or office speaks for a school on at least one matter (W-20). Key: the school.

    Of a school that another authority had until then, whose desk spoke as this one's does now, nobody is named as before.
    """

    people_first: ClassVar[bool] = True

    urn: str
    general_before: Speaker | None
    general_after: Speaker
    inspection_before: Speaker | None
    inspection_after: Speaker
    valid_from: date
    policy: str
    policy_version: int
    category: int | None = Field(description="The category in force with which the new answer was computed")
    cause: str = Field(description="category-in-force, office, allocation, override, trust, body, register or policy")


@event("membership", "representation-as-told.changed", Sensitivity.RESTRICTED)
class RepresentationAsToldChanged(RepresentationReassigned):
    """While something is held back from a school: another speaks for it as the school knows it, whatever is really so.

    What people hear and agendas show, as if nothing were held back (R0.8). Key: the school.
    """


class TrustHears(EventData):
    """Who is written to for a trust on a day; nobody where nobody is in post."""

    trust_id: str
    person_id: UUID | None


@event("membership", "school.told", Sensitivity.RESTRICTED)
class SchoolTold(EventData):
    """An officer recorded that the school was told of restricted changes; what was held may go out (R0.8)."""

    urn: str
    told_on: date
    releases: list[UUID] = Field(description="Correlation ids of the changes that the school now knows")
    chair_of_governors_id: UUID | None = Field(
        default=None, description="Who chairs the school's governors, where the officer says that she or he hears too"
    )
    trusts: list[TrustHears] = Field(
        default=[],
        description="Of each trust of the school: who is written to for it now, instead of whoever was when a change was "
        "recorded",
    )


@event("membership", "history.corrected", Sensitivity.RESTRICTED)
class HistoryCorrected(EventData):
    """Only the past changed: stored by readers, never acted on (D3.10)."""

    urn: str
    what: str
    from_date: date
    until: date


@event("membership", "inspection-call.asked", Sensitivity.RESTRICTED)
class InspectionCallAsked(EventData):
    """Somebody is asked, at once, to speak for a school that has had the call from Ofsted (W-16). Key: the school."""

    call_id: UUID
    urn: str
    person_id: UUID | None = Field(description="Who is asked; of a desk its officer of the day, where one is named")
    role: str = Field(
        description="chair, deputy, system-leader, trust-chief-executive, school-improvement-partner, "
        "improvement-desk, duty-desk or named-person"
    )
    asked_at: datetime
    answer_by: datetime | None = Field(
        description="When the next in line is asked instead; absent where nobody is next"
    )
    place_in_line: int = Field(ge=1, description="1 for the first who was asked about this call")
    desk_asked: bool = Field(default=False, description=_DESK_ASKED)


@event("membership", "inspection-call.accepted", Sensitivity.RESTRICTED)
class InspectionCallAccepted(EventData):
    """Somebody who was asked speaks for the inspected school; nobody else is needed. Key: the school."""

    call_id: UUID
    urn: str
    person_id: UUID | None
    role: str
    place_in_line: int = Field(ge=1)
    desk_asked: bool = Field(default=False, description=_DESK_ASKED)


@event("membership", "inspection-call.closed", Sensitivity.RESTRICTED)
class InspectionCallClosed(EventData):
    """The call is over. Key: the school."""

    call_id: UUID
    urn: str
    closed_on: date
    because: str = Field(description="published: the report is out; officer: closed by an officer")
    desk_asked: bool = Field(default=False, description=_DESK_ASKED)


def no_desk_was_asked(said: EventData) -> bool:
    """Whether it is of an inspection call of which only the head, whoever was asked and officers know yet (W-16)."""
    if isinstance(said, InspectionCallAsked):
        return not said.desk_asked and said.role not in DESKS  # one from before the field was there says it by its role
    return isinstance(said, InspectionCallAccepted | InspectionCallClosed) and not said.desk_asked
