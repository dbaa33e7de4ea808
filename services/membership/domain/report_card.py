"""Ofsted's report cards, from November 2025: a grade for each evaluation area, and safeguarding met or not met."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


class Area(enum.StrEnum):
    """The evaluation areas that are graded; the ninth, safeguarding, is met or not met."""

    INCLUSION = "inclusion"
    CURRICULUM_AND_TEACHING = "curriculum-and-teaching"
    ACHIEVEMENT = "achievement"
    ATTENDANCE_AND_BEHAVIOUR = "attendance-and-behaviour"
    PERSONAL_DEVELOPMENT_AND_WELLBEING = "personal-development-and-wellbeing"
    EARLY_YEARS = "early-years"
    POST_16 = "post-16-provision"
    LEADERSHIP_AND_GOVERNANCE = "leadership-and-governance"


class CardGrade(enum.StrEnum):
    """From the best to the weakest."""

    EXCEPTIONAL = "exceptional"
    STRONG = "strong standard"
    EXPECTED = "expected standard"
    NEEDS_ATTENTION = "needs attention"
    URGENT = "urgent improvement"


@dataclass(frozen=True)
class ReportCard:
    """The grades of one inspection; an area that was not graded is left out. Always in the order of the areas."""

    grades: tuple[tuple[Area, CardGrade], ...]

    @classmethod
    def of(cls, grades: Mapping[Any, str]) -> "ReportCard | None":
        """From names of areas and grades; None where no area was graded."""
        known = {Area(area): CardGrade(grade) for area, grade in grades.items()}
        return cls(tuple((area, known[area]) for area in Area if area in known)) if known else None

    def as_names(self) -> dict[str, str]:
        return {area.value: grade.value for area, grade in self.grades}

    @property
    def category(self) -> int:
        """What the card says by the table of the policy `ofsted` (R0.1)."""
        given = {grade for _, grade in self.grades}
        if CardGrade.URGENT in given:
            return 4
        if CardGrade.NEEDS_ATTENTION in given:
            return 3
        return 1 if given <= {CardGrade.EXCEPTIONAL, CardGrade.STRONG} else 2


def graded_again(number: str, areas: Mapping[str, date]) -> str:
    """What somebody should look at where a file has the grades of a monitoring visit in the inspection's own card (R0.1)."""
    listed = ", ".join(f"{area.replace('-', ' ')} on {graded_on:%-d %B %Y}" for area, graded_on in areas.items())
    return (
        f"Of inspection {number} areas were graded again after it was published, by a monitoring visit: {listed}. The file has "
        "these grades in place of the first ones, and the card counts as the file has it, from the day of publication. Look "
        "whether the category changed: a monitoring visit should change none, and an entry of the authority keeps it "
        "(`consortia la-category set`)"
    )
