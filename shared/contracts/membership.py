"""Events of the membership service: schools, categories, who speaks, bodies, offices, allocations, people."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.registry import EventData, Sensitivity, event

PEOPLE_TOPIC = "consortia.membership.people.v1"
# Why an office ended, as a code: what somebody entered stays with membership, since topics are kept for ever.
SUCCEEDED = "succeeded"  # somebody takes up the same post that day, in the same change
TERM_OVER = "term-over"
ENDED = "ended"


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


@event("membership", "office.taken-up")
class OfficeTakenUp(EventData):
    """A person took up an office of a body: chair, deputy, or acting-chair. Key: the body."""

    term_id: UUID
    office_id: UUID
    body_id: UUID
    post: str = Field(description="chair, deputy or acting-chair")
    person_id: UUID
    school_urn: str | None = Field(default=None, description="The school that the holder heads, where she heads one")
    from_date: date
    until: date | None = Field(default=None, description="Planned end, first day no longer in office")
    route: str = Field(description="meeting, ballot or taken-on (W-04)")


@event("membership", "office.ended")
class OfficeEnded(EventData):
    """A term of office ended. Key: the body."""

    term_id: UUID
    office_id: UUID
    body_id: UUID
    post: str
    person_id: UUID
    ended_on: date = Field(description="First day no longer in office")
    reason: str = Field(
        description="succeeded: the successor's taking up follows under the same key; term-over: the term came to its "
        "end; ended: somebody ended it, for a reason that stays with membership"
    )


class HeldAsTold(EventData):
    """A term of office as it had been told."""

    person_id: UUID
    from_date: date
    until: date | None = Field(default=None, description="First day no longer in office, where an end was known")


class HeldSchool(EventData):
    """The holder of an office headed this school, or none, from a day on."""

    from_date: date
    urn: str | None


class Held(EventData):
    """A term of office as it really was or is."""

    person_id: UUID
    from_date: date
    until: date | None = Field(default=None, description="First day no longer in office, where an end is known")
    ended: bool = Field(description="Whether that end has come")
    schools: list[HeldSchool] = Field(
        description="The schools headed in this term so far, in order; the first from the day on which the term begins"
    )


@event("membership", "office.corrected")
class OfficeCorrected(EventData):
    """What had been told of a term of office was not so. Key: the body.

    Readers put what is said here in the place of all that they were told of this term. Who spoke for whom until now
    stays as it was answered.
    """

    term_id: UUID
    office_id: UUID
    body_id: UUID
    post: str
    route: str = Field(description="meeting, ballot or taken-on (W-04)")
    before: HeldAsTold
    after: Held | None = Field(description="Absent: the term never was, or begins on a day to come and is told then")


@event("membership", "office-holder.moved-school")
class OfficeHolderMovedSchool(EventData):
    """The holder of an office heads another school from a date. Key: the body."""

    term_id: UUID
    body_id: UUID
    person_id: UUID
    from_urn: str | None
    to_urn: str | None
    moved_on: date


@event("membership", "headship.began")
class HeadshipBegan(EventData):
    """A person heads a school from a date, and it has come. Key: the school."""

    urn: str
    person_id: UUID
    from_date: date


@event("membership", "headship.ended")
class HeadshipEnded(EventData):
    """A person no longer heads a school. Key: the school."""

    urn: str
    person_id: UUID
    from_date: date = Field(description="The day from which she or he headed it")
    ended_on: date = Field(description="First day no longer its head; the first day itself where it was taken back")


@event("membership", "allocation.made", Sensitivity.RESTRICTED)
class AllocationMade(EventData):
    """A system leader is allocated to a school (W-18)."""

    allocation_id: UUID
    urn: str
    person_id: UUID
    from_date: date
    until: date | None = None


@event("membership", "allocation.corrected", Sensitivity.RESTRICTED)
class AllocationCorrected(EventData):
    """What had been told of an allocation was not so: it reads as here. Who spoke until now stays as it was answered."""

    allocation_id: UUID
    urn: str
    person_id: UUID
    from_date: date
    until: date | None = None
    withdrawn: bool = Field(description="It never was, or begins on a day to come and is told then")


@event("membership", "allocation.ended", Sensitivity.RESTRICTED)
class AllocationEnded(EventData):
    """A system leader's allocation to a school ended."""

    allocation_id: UUID
    urn: str
    person_id: UUID
    ended_on: date


class Grades(EventData):
    """What one published inspection outcome says, regime by regime."""

    headline: int | None = Field(default=None, description="Overall effectiveness 1 to 4, until August 2024")
    category_of_concern: str | None = Field(default=None, description="SM, SWK or RSI")
    quality_of_education: int | None = None
    leadership: int | None = None
    safeguarding_effective: bool | None = None
    report_card: dict[str, str] | None = Field(
        default=None,
        description="From November 2025, a grade for each evaluation area: exceptional, strong standard, expected "
        "standard, needs attention or urgent improvement",
    )


@event("membership", "outcome.published", Sensitivity.PUBLIC)
class OutcomePublished(EventData):
    """Ofsted published an outcome for a school, with what follows from public facts alone (N-05).

    The public categories and roles are computed as if no restricted entry existed.
    """

    urn: str
    school_name: str
    authority: str
    region: str
    inspection_number: str
    kind: str = Field(description="graded or ungraded")
    inspection_started_on: date
    published_on: date
    grades: Grades
    inherited_from_urn: str | None = None
    report_link: str | None = None
    public_category_before: int | None
    public_category_after: int | None
    public_role_before: str | None
    public_role_after: str | None
    corrects: bool = Field(default=False, description="The inspection was told of before, with another outcome or date")


@event("membership", "outcome.withdrawn", Sensitivity.PUBLIC)
class OutcomeWithdrawn(EventData):
    """An outcome that was told of a school counts no more: it was recorded by mistake, or for the wrong school.

    The public categories and roles are computed as if no restricted entry existed.
    """

    urn: str
    school_name: str
    authority: str
    region: str
    inspection_number: str
    kind: str = Field(description="graded or ungraded")
    published_on: date
    why: str = Field(description="withdrawn, or another-school: it was another school's inspection")
    public_category_before: int | None
    public_category_after: int | None
    public_role_before: str | None
    public_role_after: str | None


@event("membership", "la-category.set", Sensitivity.RESTRICTED)
class LaCategorySet(EventData):
    """The authority set its own category for a school. The reason stays with membership."""

    entry_id: UUID
    urn: str
    category: int = Field(ge=1, le=4)
    from_date: date
    review_on: date


@event("membership", "la-category.lifted", Sensitivity.RESTRICTED)
class LaCategoryLifted(EventData):
    """The authority lifted its own category for a school."""

    entry_id: UUID
    urn: str
    lifted_on: date = Field(description="The day from which the entry began, where it was withdrawn: it never counted")


@event("membership", "la-category.review-due", Sensitivity.RESTRICTED)
class LaCategoryReviewDue(EventData):
    """An officer is asked whether the authority's own category for a school shall stand. Ids only (R0.1)."""

    review_id: UUID
    entry_id: UUID
    urn: str


@event("membership", "category.proposed", Sensitivity.RESTRICTED)
class CategoryProposed(EventData):
    """A published outcome proposes another category, which an officer is to confirm or decline. Ids only (R0.1)."""

    proposal_id: UUID
    urn: str


@event("membership", "category-in-force.changed", Sensitivity.RESTRICTED)
class CategoryInForceChanged(EventData):
    """The category that drives a school's routing changed (R0.1)."""

    urn: str
    before: int | None
    after: int | None
    on: date
    policy: str = Field(description="Name of the category policy, for instance ofsted")
    policy_version: int
    because: str = Field(description="outcome, la-category, inherited, proposal, take-on or policy")
    because_ref: str = Field(description="Inspection number, entry id, proposal id or policy version")


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
    rule: str = Field(description="The routing rule that named this speaker")


@event("membership", "representation.reassigned", Sensitivity.RESTRICTED)
class RepresentationReassigned(EventData):
    """Another person or office speaks for a school on at least one matter (W-20). Key: the school."""

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


@event("membership", "school.told", Sensitivity.RESTRICTED)
class SchoolTold(EventData):
    """An officer recorded that the school was told of restricted changes; what was held may go out (R0.8)."""

    urn: str
    told_on: date
    releases: list[UUID] = Field(description="Correlation ids of the changes that the school now knows")


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


@event("membership", "inspection-call.accepted", Sensitivity.RESTRICTED)
class InspectionCallAccepted(EventData):
    """Somebody who was asked speaks for the inspected school; nobody else is needed. Key: the school."""

    call_id: UUID
    urn: str
    person_id: UUID | None
    role: str
    place_in_line: int = Field(ge=1)


@event("membership", "inspection-call.closed", Sensitivity.RESTRICTED)
class InspectionCallClosed(EventData):
    """The call is over. Key: the school."""

    call_id: UUID
    urn: str
    closed_on: date
    because: str = Field(description="published: the report is out; officer: closed by an officer")


@event("membership", "person.recorded", Sensitivity.PERSONAL, topic=PEOPLE_TOPIC)
class PersonRecorded(EventData):
    """A person's name and work address. Only in the people topic; a tombstone erases it."""

    person_id: UUID
    name: str
    email: str
    telephone: str | None = None
