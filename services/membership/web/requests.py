"""What the acts of the API carry."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.membership.domain.category import Inherit, Outcome
from services.membership.domain.report_card import Area, CardGrade, ReportCard
from services.membership.use_cases.record_outcomes import Published
from services.membership.web.entered import Day, Entered
from shared.store import UnitOfWork

Urn = Annotated[str, Field(pattern=r"^\d{6}$")]
Grade = Annotated[int, Field(ge=1, le=4)]


class Body(Entered):
    """What an act carries."""


class SetLaCategory(Body):
    category: int
    from_date: Day = Field(alias="from")
    reason: str
    review_on: Day | None = Field(default=None, description="Default: a year later")


class LiftLaCategory(Body):
    on: Day | None = Field(default=None, description="Default: today")
    reason: str = Field(min_length=1)


class TellSchool(Body):
    told_on: Day | None = Field(default=None, description="Default: today")
    chair_of_governors: bool = Field(
        default=False, description="Whoever chairs the school's governors is to hear of it with the head"
    )
    stories: list[UUID] | None = Field(
        default=None,
        max_length=1000,
        description="The correlation ids that `told/preview` has shown: nothing else goes out, and what has come since waits. "
        "Left out: all that is held back",
    )


class WithdrawOutcome(Body):
    kind: Literal["graded", "ungraded"] = "graded"
    reason: str


class BelieveOutcome(Body):
    kind: Literal["graded", "ungraded"] = "graded"
    reason: str


class CorrectNumber(Body):
    kind: Literal["graded", "ungraded"] = "graded"
    number: str = Field(min_length=1, max_length=40, description="The number of the inspection in its report")
    reason: str


class LetWithdrawalStand(Body):
    kind: Literal["graded", "ungraded"] = "graded"


class RoutingValues(Body):
    """What an authority may set otherwise in its routing policy; what is left out stays as the policy has it."""

    system_leader_from: Annotated[int, Field(ge=1, le=5)] | None = Field(
        default=None, description="The best category that has a system leader; 5: none has"
    )
    weak_academy_general: Literal["trust", "chair"] | None = Field(
        default=None, description="Who speaks in general for an academy in such a category"
    )


class AdoptRoutingPolicy(Body):
    name: str
    from_date: Day | None = Field(default=None, alias="from", description="Default: today")
    settings: RoutingValues = RoutingValues()
    reason: str


class AdoptCategoryPolicy(Body):
    name: str
    from_date: Day | None = Field(default=None, alias="from", description="Default: today")
    inherit: Inherit = Inherit.CONVERTERS
    reason: str


class OutcomeIn(Body):
    """One published outcome. Judgements that were not made are left out; a graded one has a judgement at least."""

    urn: Urn
    inspection_number: str = Field(min_length=1, max_length=40)
    kind: Literal["graded", "ungraded"]
    inspection_started_on: Day
    published_on: Day
    headline: Grade | None = None
    category_of_concern: Literal["SM", "SWK", "RSI", "NTI"] | None = None
    quality_of_education: Grade | None = None
    leadership: Grade | None = None
    safeguarding_effective: bool | None = None
    report_card: dict[Area, CardGrade] = Field(
        default_factory=dict, description="A grade for each evaluation area that was graded, from November 2025"
    )
    urn_at_time: Urn | None = Field(default=None, description="The URN of the inspected school, where it was another")
    report_link: str | None = None

    def as_published(self, uow: UnitOfWork) -> Published:
        outcome = Outcome(
            urn=self.urn_at_time or self.urn,
            inspection_number=self.inspection_number,
            kind=self.kind,
            inspection_started_on=self.inspection_started_on,
            published_on=self.published_on,
            recorded_at=uow.now,
            headline=self.headline,
            category_of_concern=self.category_of_concern,
            quality_of_education=self.quality_of_education,
            leadership=self.leadership,
            safeguarding_effective=self.safeguarding_effective,
            report_card=ReportCard.of(self.report_card),
        )
        return Published(self.urn, outcome, self.report_link)


class OutcomesIn(Body):
    outcomes: list[OutcomeIn] = Field(max_length=2000)
    take_on: bool = Field(default=False, description="State and history: nobody reacts")


class TakeUpOffice(Body):
    post: str
    person_id: UUID
    from_date: Day = Field(alias="from")
    until: Day | None = None
    route: str = "meeting"


class ChangeOffice(Body):
    post: str
    person_id: UUID
    from_date: Day = Field(alias="from")
    route: str = "meeting"


class EndOffice(Body):
    ended_on: Day
    reason: str = Field(min_length=1)


class MoveHead(Body):
    to_urn: Urn
    from_urn: Urn | None = Field(
        default=None, description="The school that the head leaves, where it is not the only one"
    )
    on: Day


class Allocate(Body):
    person_id: UUID
    from_date: Day = Field(alias="from")
    until: Day | None = None
    reason: str | None = Field(
        default=None, description="Needed above the authority's limit, or where the leader is of the school's own trust"
    )


class EndAllocation(Body):
    ended_on: Day
