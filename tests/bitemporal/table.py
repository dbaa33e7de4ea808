"""The table of docs/routing-policy.md, line by line: the role that speaks and the rule that is named with it (R0.3).

Who fills the role the model says (model.py). Overrides, which come before every line, are left to it too.
"""

from collections.abc import Iterator
from datetime import date

from tests.bitemporal.facts import Allocation, Contact, School, Term
from tests.bitemporal.model import INSPECTION, Known
from tests.bitemporal.reading import TYPES

Line = tuple[str, str]  # the role and the rule
DUTY_DESK = "duty-desk"


def line_of(known: Known, urn: str, matter: str, on: date) -> Line | None:
    """The first line that applies; none for a school that is shut or isn't state-funded."""
    school = known.school(urn)
    if school is None or not known.open(urn, on) or TYPES[school.type] == "independent":
        return None
    if TYPES[school.type] == "unknown":
        return DUTY_DESK, "type-unknown"
    policy = known.policy(school.authority, "routing", on).name
    table = {"warwickshire": _warwickshire, "bristol": _bristol}.get(policy)
    return next(table(known, school, matter, on)) if table is not None else (DUTY_DESK, "no-policy")


def _warwickshire(known: Known, school: School, matter: str, on: date) -> Iterator[Line]:
    maintained, academy = _sector(school)
    weak = (known.category(school.urn, on).value or 2) >= 3
    trust = known.trust(school.urn, on)
    if academy and matter == INSPECTION:
        contacts = {each.post: each.person for each in known.held(Contact, on) if each.trust == trust}
        if _free(known, school, contacts.get("chief-executive"), on):
            yield "trust-chief-executive", "academy-chief-executive"
        if _free(known, school, contacts.get("school-improvement-partner"), on):
            yield "school-improvement-partner", "academy-improvement-partner"
        yield DUTY_DESK, "trust-contact-heads-school" if contacts else "trust-no-contact"
    if maintained and weak:
        leader = next((each.person for each in known.held(Allocation, on) if each.urn == school.urn), None)
        if leader is None:
            yield DUTY_DESK, "maintained-3-4-unallocated"
        if not _free(known, school, leader, on):
            yield DUTY_DESK, "system-leader-heads-school"
        yield "system-leader", "maintained-3-4-allocated"
    if academy and weak:
        yield ("trust", "academy-3-4-trust") if trust else (DUTY_DESK, "academy-3-4-no-trust")
    body = known.lead_body(school.urn, on)
    if body is None:
        yield DUTY_DESK, "no-body"
    officers = {each.post: each.person for each in known.held(Term, on) if each.body == body}
    chair = "chair" if "chair" in officers else "acting-chair"
    if _free(known, school, officers.get(chair), on):
        yield "chair", chair
    if _free(known, school, officers.get("deputy"), on):
        yield "deputy", "chair-heads-school" if chair in officers else "chair-vacant"
    yield DUTY_DESK, "officers-head-school" if officers else "no-officers"


def _bristol(known: Known, school: School, matter: str, on: date) -> Iterator[Line]:
    _, academy = _sector(school)
    if academy:
        yield ("trust", "academy-trust") if known.trust(school.urn, on) else (DUTY_DESK, "academy-no-trust")
    yield "improvement-desk", "maintained-desk"


def _sector(school: School) -> tuple[bool, bool]:
    kind = TYPES[school.type]
    return kind == "maintained", kind in ("converter", "new academy")


def _free(known: Known, school: School, person: str | None, on: date) -> bool:
    """Whether there is somebody, who doesn't head the school herself."""
    return person is not None and not known.heads(person, school, on)
