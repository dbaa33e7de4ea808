"""Events of membership about outcomes of inspections and categories."""

from datetime import date
from uuid import UUID

from pydantic import Field

from shared.contracts.registry import EventData, Sensitivity, event


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


@event("membership", "category-as-told.changed", Sensitivity.RESTRICTED)
class CategoryAsToldChanged(CategoryInForceChanged):
    """While something is held back from a school: its category changed as the school knows it, whatever is really so.

    What members of an Area Analysis Group see, as if nothing were held back (R0.8). Key: the school.
    """
