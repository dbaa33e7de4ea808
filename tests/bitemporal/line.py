"""Whom to ask while a school is inspected, in order: the table of docs/inspection-calls.md said a second time (W-16)."""

from collections.abc import Iterator
from datetime import date

from tests.bitemporal.facts import Allocation, Contact, Override, School, Term
from tests.bitemporal.model import DESK, INSPECTION, Known, Who
from tests.bitemporal.reading import TYPES

OF_A_TRUST = {"chief-executive": "trust-chief-executive", "school-improvement-partner": "school-improvement-partner"}


def line(known: Known, urn: str, on: date, category: int) -> list[Who]:
    """Each once, nobody who heads the school, and the duty desk last. For a school that is shut nobody speaks.

    ``category``: the one by which it routes, as far as it may know.
    """
    school = known.school(urn)
    found: list[Who] = []
    if school is None or not known.open(urn, on):
        return [DESK]
    for who in _would_speak(known, school, on, category):
        if who.person is None:
            return [*found, DESK] if who == DESK else [*found, who, DESK]
        if not known.heads(who.person, school, on) and who.person not in {each.person for each in found}:
            found.append(who)
    return [*found, DESK]


def _would_speak(known: Known, school: School, on: date, category: int) -> Iterator[Who]:
    for named in known.held(Override, on):
        if named.urn == school.urn and named.matter in (INSPECTION, "both"):
            yield Who("named-person", person=named.person) if named.person else DESK
    policy, kind = known.policy(school.authority, "routing", on).name, TYPES[school.type]
    if kind == "unknown" or policy == "duty-desk-only":
        yield DESK
    elif kind in ("converter", "new academy"):
        yield from _of_the_trust(known, known.trust(school.urn, on), on)
    elif policy == "bristol":
        yield Who("improvement-desk")
    elif kind == "maintained" and category >= 3:
        for allocation in known.held(Allocation, on):
            if allocation.urn == school.urn:
                yield Who("system-leader", person=allocation.person)
    else:
        yield from _of_the_body(known, known.lead_body(school.urn, on), on)


def _of_the_trust(known: Known, trust: str | None, on: date) -> Iterator[Who]:
    for post, role in OF_A_TRUST.items():
        for contact in known.held(Contact, on):
            if (contact.trust, contact.post) == (trust, post):
                yield Who(role, person=contact.person)


def _of_the_body(known: Known, body: str | None, on: date) -> Iterator[Who]:
    """Chair, or who acts as chair while there is none; then the deputy."""
    terms = {each.post: each for each in known.held(Term, on) if each.body == body}
    for term, role in ((terms.get("chair") or terms.get("acting-chair"), "chair"), (terms.get("deputy"), "deputy")):
        if term is not None:
            yield Who(role, person=term.person)
