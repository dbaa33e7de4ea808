"""An aspect of a school that is vulnerable to an adverse judgement, recorded for its area (W-26)."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.refusal import Invalid, NotFound, Refusal

# The areas that Ofsted judges, by the first day on which inspections use the framework. Newest first.
FRAMEWORKS: tuple[tuple[date, tuple[str, ...]], ...] = (
    (
        date(2025, 11, 10),
        (
            "achievement",
            "attendance and behaviour",
            "curriculum and teaching",
            "early years",
            "inclusion",
            "leadership and governance",
            "personal development and well-being",
            "post-16 provision",
            "safeguarding",
        ),
    ),
    (
        date.min,
        (
            "behaviour and attitudes",
            "early years",
            "leadership and management",
            "personal development",
            "quality of education",
            "safeguarding",
            "sixth form",
        ),
    ),
)


class UnknownSchool(NotFound):
    def __init__(self, urn: str):
        super().__init__(f"There is no school with URN {urn} that you may see.")


class NotAnEvaluationArea(Invalid):
    def __init__(self, entered: str, areas: tuple[str, ...], on: date):
        super().__init__(
            f'"{entered}" is not an area that Ofsted evaluates on {on:%-d %B %Y}. Enter one of: {", ".join(areas)}.'
        )


class NoAreaAnalysisGroup(Refusal):
    def __init__(self, school: str):
        super().__init__(f"{school} falls to no Area Analysis Group, so nobody would discuss the aspect.")


class AlreadyRecorded(Refusal):
    def __init__(self, school: str, evaluation_area: str, since: date):
        super().__init__(f"{evaluation_area} is already recorded for {school} since {since:%-d %B %Y}.")


class UnknownAspect(NotFound):
    def __init__(self, aspect_id: UUID):
        super().__init__(f"There is no vulnerable aspect {aspect_id} that you may see.")


class AlreadyWithdrawn(Refusal):
    def __init__(self, evaluation_area: str):
        super().__init__(f"{evaluation_area} has been withdrawn already: it stands on no list.")


class WhyWithdrawn(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the aspect is withdrawn: the group of its area has read of it.")


@dataclass(frozen=True)
class VulnerableAspect:
    aspect_id: UUID
    urn: str
    body_id: UUID
    evaluation_area: str
    from_date: date
    withdrawn: bool = False


def evaluation_areas(on: date) -> tuple[str, ...]:
    """What Ofsted evaluates by the framework in force on that day."""
    return next(areas for start, areas in FRAMEWORKS if on >= start)


def read_evaluation_area(entered: str, on: date) -> str:
    area = " ".join(entered.split()).lower()
    if area not in evaluation_areas(on):
        raise NotAnEvaluationArea(entered, evaluation_areas(on), on)
    return area


def record(
    aspect_id: UUID,
    *,
    urn: str,
    school: str,
    group: UUID | None,
    evaluation_area: str,
    from_date: date,
    recorded_since: date | None,
) -> VulnerableAspect:
    """Record an aspect. ``recorded_since``: the day from which the same aspect already stands, if it does."""
    area = read_evaluation_area(evaluation_area, from_date)
    if group is None:
        raise NoAreaAnalysisGroup(school)
    if recorded_since is not None:
        raise AlreadyRecorded(school, area, recorded_since)
    return VulnerableAspect(aspect_id, urn, group, area, from_date)


def withdraw(aspect: VulnerableAspect, reason: str) -> VulnerableAspect:
    """It was recorded by mistake, or is one no longer: it stands on no list any more. What was said of it stays said."""
    if not reason.strip():
        raise WhyWithdrawn
    if aspect.withdrawn:
        raise AlreadyWithdrawn(aspect.evaluation_area)
    return replace(aspect, withdrawn=True)
