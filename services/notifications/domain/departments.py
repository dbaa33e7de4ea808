"""Which department of which authority is informed of what (N-01 to N-03).

Two guards, one behind the other. The allow-list names the types of event that a department gets; the class of the
record says who may know of this one (R0.8). Both must admit it, so that a restricted record of an allowed type stays
in, whatever the list says. The same lists drive a department's topic and its webhooks.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


class Department(enum.StrEnum):
    SCHOOL_IMPROVEMENT = "school-improvement"
    FINANCE = "finance"
    GOVERNANCE = "governance"


# From the least to the most sensitive. Personal data is in nobody's reach: it never leaves the people topic.
CLASSES = ("public", "internal", "restricted", "confidential", "personal")

MAY_KNOW: dict[Department, frozenset[str]] = {
    Department.SCHOOL_IMPROVEMENT: frozenset({"public", "internal", "restricted", "confidential"}),
    Department.FINANCE: frozenset({"public", "internal"}),
    Department.GOVERNANCE: frozenset({"public", "internal"}),
}

# The only department that may know of a restricted change before the school itself was told of it (R0.8).
KNOWS_BEFORE_THE_SCHOOL = frozenset({Department.SCHOOL_IMPROVEMENT})


@dataclass(frozen=True)
class AllowList:
    """What one department of one authority is informed of from a date on. A later version supersedes an earlier.

    It names what happened, not the version in which that is told: a producer that switches to the next version takes no
    news from anybody (D3.11). What the next one tells beyond the last is for the second guard: it has a class of its own.
    """

    authority: str
    department: Department
    version: int
    valid_from: date
    types: frozenset[str]  # without their versions

    def admits(self, type: str) -> bool:
        return without_version(type) in self.types


@dataclass(frozen=True)
class Fact:
    """What the decision needs to know of a record: no more."""

    authority: str
    type: str
    sensitivity: str
    type_sensitivity: str
    told: bool
    at_no_desk: bool = False  # of an inspection call about which no desk of the council was asked


class Verdict(enum.Enum):
    INFORM = "inform"
    HOLD = "hold"  # until an officer has recorded that the school was told


def without_version(type: str) -> str:
    return type.rpartition(".v")[0]


def _types(service: str, *things: str) -> frozenset[str]:
    return frozenset(f"consortia.{service}.{thing}" for thing in things)


_SCHOOL_IMPROVEMENT = _types(
    "membership",
    "school.recorded",
    "body.recorded",
    "school.joined-body",
    "school.left-body",
    "office.taken-up",
    "office.ended",
    "office.corrected",
    "office-holder.moved-school",
    "allocation.made",
    "allocation.ended",
    "allocation.corrected",
    "outcome.published",
    "outcome.withdrawn",
    "la-category.set",
    "la-category.lifted",
    "la-category.review-due",
    "category.proposed",
    "category-in-force.changed",
    "representation.reassigned",
    "school.told",
    "history.corrected",
    "inspection-call.asked",
    "inspection-call.closed",
) | _types(
    "meetings",
    "meeting.scheduled",
    "agenda-item.placed",
    "agenda-item.withdrawn",
    "members.changed",
    "vulnerable-aspect.recorded",
    "vulnerable-aspect.withdrawn",
)
_FINANCE = _types("funding", "award.opened", "award.adjusted") | _types("membership", "body.recorded")
_GOVERNANCE = _types("membership", "office.taken-up", "office.ended", "office.corrected", "body.recorded") | _types(
    "meetings", "meeting.scheduled"
)

_FROM_THE_START = date(2000, 1, 1)


def usual_lists(authorities: Iterable[str]) -> tuple[AllowList, ...]:
    """What the departments of these authorities are informed of, as long as one has said nothing else.

    A record of any other authority is nobody's: passed on to a topic that isn't there it would be parked.
    """
    return tuple(
        AllowList(authority, department, 1, _FROM_THE_START, types)
        for authority in authorities
        for department, types in (
            (Department.SCHOOL_IMPROVEMENT, _SCHOOL_IMPROVEMENT),
            (Department.FINANCE, _FINANCE),
            (Department.GOVERNANCE, _GOVERNANCE),
        )
    )


class AllowLists:
    """The lists of every authority, asked for the day on which a record is passed on."""

    def __init__(self, lists: Iterable[AllowList]):
        self._versions: dict[tuple[str, Department], list[AllowList]] = {}
        for allow_list in sorted(lists, key=lambda each: (each.valid_from, each.version)):
            self._versions.setdefault((allow_list.authority, allow_list.department), []).append(allow_list)

    def departments_of(self, authority: str) -> list[Department]:
        return [department for department in Department if (authority, department) in self._versions]

    def in_force(self, authority: str, department: Department, on: date) -> AllowList | None:
        begun = [each for each in self._versions.get((authority, department), []) if each.valid_from <= on]
        return begun[-1] if begun else None

    def verdicts(self, fact: Fact, on: date) -> dict[Department, Verdict]:
        """The departments that this fact is for, and whether at once or only after the school was told."""
        answers: dict[Department, Verdict] = {}
        if fact.at_no_desk:
            return answers  # the head, whoever was asked and officers know of the call, and nobody else (W-16)
        for department in self.departments_of(fact.authority):
            allow_list = self.in_force(fact.authority, department, on)
            if allow_list is None or not allow_list.admits(fact.type):
                continue
            if not may_know(department, fact.sensitivity, fact.type_sensitivity):
                continue
            at_once = fact.told or department in KNOWS_BEFORE_THE_SCHOOL
            answers[department] = Verdict.INFORM if at_once else Verdict.HOLD
        return answers


def strictest(*classes: str) -> str:
    return max(classes, key=CLASSES.index)


def may_know(department: Department, *classes: str) -> bool:
    """Whether the department may know of a record with this class in its header and this class of its type.

    The more sensitive of the two decides: a producer that marks a restricted type as internal opens no door.
    """
    return all(each in MAY_KNOW[department] for each in classes)
