"""Whose rows a caller may see."""

from services.notifications.domain.departments import Department
from services.notifications.domain.journey import Viewer, viewer
from services.notifications.use_cases.pass_on import LISTS
from shared.auth.tokens import Principal

# Officers of a department of the council see what its own machine sees.
DEPARTMENT_OF_ROLE = {
    "la.school-improvement": Department.SCHOOL_IMPROVEMENT,
    "la.finance": Department.FINANCE,
}


def departments_of(principal: Principal) -> set[str]:
    """The departments that this caller belongs to."""
    found = {department.value for role, department in DEPARTMENT_OF_ROLE.items() if role in principal.roles}
    return found | (principal.departments if "department" in principal.roles else set())


def places_of(principal: Principal) -> set[tuple[str, str]]:
    """The departments, each of one authority, whose subscriptions and deliveries this caller may see."""
    every = bool({"la.officer", "la.ops"} & principal.roles)
    own = departments_of(principal)
    return {
        (authority, department.value)
        for authority in principal.authorities
        for department in LISTS.departments_of(authority)
        if every or department in own
    }


def eyes_of(principal: Principal) -> Viewer:
    return viewer(principal.roles, departments_of(principal), principal.authorities)


def sees_ids_only(principal: Principal) -> bool:
    return eyes_of(principal).ids_only
