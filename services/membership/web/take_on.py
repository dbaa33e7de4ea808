"""What a take-on carries: an authority's areas, desks, bodies, people and offices as they stood when it began.

One document an authority. Every list may be empty, so that a large take-on can be sent in parts; whatever was taken
on before (by its id) is left as it is, so sending a part again changes nothing, and what says something else of it is
refused; of a person and of a body it is left out, and the answer says so. Dates are half-open: ``until`` is the first
day on which it is no longer so.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Body, Membership
from services.membership.domain.governors import ChairOfGovernors
from services.membership.domain.office import Term
from services.membership.store.authorities import Desk as KeptDesk
from services.membership.store.people import Person
from services.membership.use_cases.take_on import TakenOn
from services.membership.web.allowed import Named, the_body, the_person, the_school, the_trust
from services.membership.web.entered import Day, Entered, Text
from shared.messaging.cause import new_id

Urn = Annotated[str, Field(pattern=r"^\d{6}$")]
District = Annotated[str, Field(pattern=r"^[A-Z]{1,2}\d[A-Z\d]?$", description="Outward postcode, for instance CV31")]


class Part(Entered):
    """One list of the document has many of these."""


class Dated(Part):
    """Something that is so from one day until, where it has an end, another."""

    from_date: Day = Field(alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> "Dated":
        if self.until is not None and self.until <= self.from_date:
            raise ValueError("until must be later than from: it is the first day on which it is no longer so")
        return self


class Area(Part):
    """An area of the authority, whose Area Analysis Group its schools fall to."""

    name: Text
    postcode_districts: list[District]


class Desk(Part):
    """A mailbox and a telephone of the council, with a named officer of the day."""

    desk: Literal["duty-desk", "improvement-desk"]
    mailbox: Text
    telephone: Text
    officer_of_the_day: UUID | None = Field(default=None, description="Person id")


class TakenOnBody(Part):
    body_id: UUID
    kind: Literal["primary-consortium", "area-network", "special-group", "excellence-group", "area-analysis-group"]
    name: Text
    area: str | None = Field(default=None, description="Where it is one; otherwise `areas`")
    areas: list[str] = Field(default=[], description="The areas it lies in: a network may lie in two (W-29)")
    opened_on: Day
    closed_on: Day | None = None
    award_pence: int | None = Field(default=None, ge=1, description="Absent where the terms give no award (W-31)")
    award_year_starts: str = Field(default="04-01", pattern=r"^\d{2}-\d{2}$")

    @model_validator(mode="after")
    def areas_are_said_once(self) -> "TakenOnBody":
        if self.area is not None and self.areas:
            raise ValueError("say either area or areas, not both")
        if self.kind == "area-analysis-group" and len(self.lies_in) != 1:
            raise ValueError("an Area Analysis Group is that of one area: name it")
        return self

    @property
    def lies_in(self) -> list[str]:
        return sorted(set(self.areas)) or ([self.area] if self.area is not None else [])


class TakenOnPerson(Part):
    person_id: UUID = Field(description="UUID version 4: it must not show when the person was entered")
    name: Text
    email: Text
    telephone: str | None = None


class TakenOnHeadship(Dated):
    """A person heads a school. A school may have co-heads, and a person may head two schools."""

    person_id: UUID
    urn: Urn


class TakenOnTerm(Dated):
    """A term of office. Past terms may be sent too."""

    term_id: UUID
    body_id: UUID
    post: Literal["chair", "deputy", "acting-chair"]
    person_id: UUID


class TakenOnMembership(Dated):
    """A school belongs to a body; one of its bodies is its lead body, whose chair counts for the school."""

    body_id: UUID
    urn: Urn
    lead: bool = True


class TakenOnAllocation(Dated):
    """A system leader allocated to a school (W-18)."""

    allocation_id: UUID
    urn: Urn
    person_id: UUID


class TakenOnTrustContact(Dated):
    trust_id: Text = Field(description="The trust's UID in the register of groups")
    post: Literal["chief-executive", "school-improvement-partner"]
    person_id: UUID


class TakenOnChairOfGovernors(Dated):
    """A person chairs a school's governors: told of a change with the head, where an officer says so (R0.8)."""

    person_id: UUID
    urn: Urn


class TakeOn(Part):
    authority: str = Field(pattern=r"^\d{3}$")
    authority_name: str | None = None
    region: str | None = Field(default=None, description="Region of the Regional Director, for instance West Midlands")
    routing_policy: Literal["warwickshire", "bristol"] | None = Field(
        default=None, description="Who speaks for a school; absent: as it is (937 warwickshire, 801 bristol)"
    )
    areas: list[Area] = Field(default=[])
    desks: list[Desk] = Field(default=[])
    people: list[TakenOnPerson] = Field(default=[])
    bodies: list[TakenOnBody] = Field(default=[])
    headships: list[TakenOnHeadship] = Field(default=[])
    offices: list[TakenOnTerm] = Field(default=[])
    memberships: list[TakenOnMembership] = Field(default=[])
    allocations: list[TakenOnAllocation] = Field(default=[])
    trust_contacts: list[TakenOnTrustContact] = Field(default=[])
    chairs_of_governors: list[TakenOnChairOfGovernors] = Field(default=[])

    def named(self) -> list[Named]:
        """Every body, school and trust that it touches, by the entry that names it; bodies may come with it."""
        here = {each.body_id for each in self.bodies}
        return [
            *(the_body(each.body_id, f"bodies[{n}].body_id", new=True) for n, each in enumerate(self.bodies)),
            *(the_school(each.urn, f"headships[{n}].urn") for n, each in enumerate(self.headships)),
            *(the_person(each.person_id, f"headships[{n}].person_id") for n, each in enumerate(self.headships)),
            *(
                the_body(each.body_id, f"{entries}[{n}].body_id", new=each.body_id in here)
                for entries in ("offices", "memberships")
                for n, each in enumerate(getattr(self, entries))
            ),
            *(the_school(each.urn, f"memberships[{n}].urn") for n, each in enumerate(self.memberships)),
            *(the_school(each.urn, f"allocations[{n}].urn") for n, each in enumerate(self.allocations)),
            *(
                named
                for n, each in enumerate(self.chairs_of_governors)
                for named in (
                    the_school(each.urn, f"chairs_of_governors[{n}].urn"),
                    the_person(each.person_id, f"chairs_of_governors[{n}].person_id"),
                )
            ),
            *(the_trust(each.trust_id, f"trust_contacts[{n}].trust_id") for n, each in enumerate(self.trust_contacts)),
        ]

    def as_given(self) -> TakenOn:
        """In the words of the domain. Offices of new bodies get their ids here."""
        nowhere = new_id()  # the office of a term is its body's; the use case fills it in
        return TakenOn(
            authority=self.authority,
            authority_name=self.authority_name,
            region=self.region,
            routing_policy=self.routing_policy,
            districts=[(district, area.name) for area in self.areas for district in area.postcode_districts],
            desks=[KeptDesk(each.desk, each.mailbox, each.telephone, each.officer_of_the_day) for each in self.desks],
            people=[
                Person(each.person_id, self.authority, each.name, each.email, each.telephone) for each in self.people
            ],
            bodies=[
                Body(
                    each.body_id,
                    self.authority,
                    each.kind,
                    each.name,
                    each.lies_in,
                    each.opened_on,
                    each.closed_on,
                    each.award_pence,
                    each.award_year_starts,
                    new_id(),
                    new_id(),
                    new_id(),
                )
                for each in self.bodies
            ],
            headships=[Headship(each.person_id, each.urn, each.from_date, each.until) for each in self.headships],
            terms=[
                Term(
                    each.term_id,
                    nowhere,
                    each.body_id,
                    each.post,
                    each.person_id,
                    each.from_date,
                    each.until,
                    "taken-on",
                )
                for each in self.offices
            ],
            memberships=[
                Membership(each.body_id, each.urn, each.from_date, each.until, each.lead) for each in self.memberships
            ],
            allocations=[
                Allocation(each.allocation_id, each.urn, each.person_id, each.from_date, each.until)
                for each in self.allocations
            ],
            trust_contacts=[
                TrustContact(each.trust_id, each.post, each.person_id, each.from_date, each.until)
                for each in self.trust_contacts
            ],
            chairs_of_governors=[
                ChairOfGovernors(each.urn, each.person_id, each.from_date, each.until)
                for each in self.chairs_of_governors
            ],
        )
