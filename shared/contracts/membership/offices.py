"""Events of membership about who is entrusted with what: offices, headships, allocations."""

from datetime import date
from uuid import UUID

from pydantic import Field

from shared.contracts.registry import EventData, Sensitivity, event

# Why an office ended, as a code: what somebody entered stays with membership, since topics are kept for ever.
SUCCEEDED = "succeeded"  # somebody takes up the same post that day, in the same change
TERM_OVER = "term-over"
ENDED = "ended"


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
    """The holder of an office heads another school from a date, or none any more. Key: the body."""

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


class InTheChair(EventData):
    """A person chairs the governors from a day on."""

    person_id: UUID
    from_date: date
    until: date | None = Field(default=None, description="First day no longer in the chair, where an end is known")


@event("membership", "chairs-of-governors.recorded")
class ChairsOfGovernorsRecorded(EventData):
    """Who chaired, chairs and is to chair a school's governors: all of it, whenever something of it changes. Key: the school.

    Nobody is told of it; whoever writes to the chair of governors looks here who that is (R0.8).
    """

    urn: str
    chairs: list[InTheChair]


class TrustPost(EventData):
    """A person holds a post of a trust from a day on."""

    post: str = Field(description="chief-executive or school-improvement-partner")
    person_id: UUID
    from_date: date
    until: date | None = Field(default=None, description="First day no longer in post, where an end is known")


@event("membership", "trust-contacts.recorded")
class TrustContactsRecorded(EventData):
    """Who held, holds and is to hold the posts of a trust: all of it, whenever something of it changes. Key: the trust.

    Of an authority in which it has schools; the latest counts for all of them. Nobody is told of it; whoever writes to a
    trust looks here to whom (R0.8).
    """

    trust_id: str
    contacts: list[TrustPost]


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
