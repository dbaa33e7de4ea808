"""The rules of R0.1, R0.3 and R0.4 said a second time, as plainly as they can be: a list of facts and naive questions.

The list only grows. Each fact says when it is true and on which day it became known; what is known on a day are the
facts known by its end. Nothing is locked, stored, carried over or looked up: every question goes through the whole list.
Written from the requirements and from docs/category-policy.md and docs/routing-policy.md; it imports nothing of the
service that it checks.
"""

from datetime import date
from typing import NamedTuple

from tests.bitemporal.categories import Categories, Category, says
from tests.bitemporal.facts import (
    Allocation,
    Answered,
    Body,
    BodyCloses,
    Contact,
    Continues,
    Ends,
    Entry,
    Fact,
    Headship,
    Held,
    InTrust,
    KeptUntil,
    LeadNamed,
    Link,
    Member,
    Outcome,
    Override,
    Policy,
    PolicyPutRight,
    School,
    Stays,
    Term,
)
from tests.bitemporal.reading import TYPES, once

__all__ = [
    "DESK",
    "MATTERS",
    "Allocation",
    "Answered",
    "Body",
    "BodyCloses",
    "Category",
    "Contact",
    "Continues",
    "Ends",
    "Entry",
    "Fact",
    "Headship",
    "Held",
    "InTrust",
    "KeptUntil",
    "Known",
    "LeadNamed",
    "Link",
    "Member",
    "Outcome",
    "Override",
    "Policy",
    "PolicyPutRight",
    "School",
    "Stays",
    "Term",
    "Who",
    "says",
]

GENERAL, INSPECTION = "general", "inspection"
MATTERS = (GENERAL, INSPECTION)
PHASES = {"primary-consortium": 1, "area-network": 2}


class Who(NamedTuple):
    """One answer: a role and whoever fills it. The role ``desk`` is the duty desk."""

    role: str
    body: str | None = None
    post: str | None = None
    trust: str | None = None
    person: str | None = None


DESK = Who("duty-desk")


class Known(Categories):
    """The facts as known at the end of one day, and what follows from them for any day."""

    # -- who speaks (R0.3) --

    @once
    def speaker(self, urn: str, matter: str, on: date) -> Who | None:
        """Nobody is named for a school that is shut or isn't state-funded; for any other there is one answer."""
        school = self.school(urn)
        if school is None or not self.open(urn, on) or TYPES[school.type] == "independent":
            return None
        named = self._named(school, matter, on)
        if named is not None:
            return DESK if named.person is None else Who("named-person", person=named.person)
        return self._routed(school, matter, on, self.category(urn, on).value or 2)

    def shows_an_act_inside(self, urn: str, matter: str, on: date) -> bool:
        """Whether who speaks shows what the council does inside: an override, or whether a leader is allocated (R0.8)."""
        school = self.school(urn)
        if school is None or self.speaker(urn, matter, on) is None:
            return False
        chairs = self.policy(school.authority, "routing", on).name == "warwickshire"
        weak = TYPES[school.type] == "maintained" and (self.category(urn, on).value or 2) >= 3
        return (chairs and weak) or self._named(school, matter, on) is not None

    def _named(self, school: School, matter: str, on: date) -> Override | None:
        """The override that holds; none names a head for her own school."""
        for each in self.held(Override, on):
            concerns = each.urn == school.urn and each.matter in (matter, "both")
            if concerns and not self.heads(each.person, school, on):
                return each
        return None

    def public_role(self, urn: str, on: date) -> str | None:
        """From public facts alone: a weak maintained school has a system leader, whether or not there is one."""
        school = self.school(urn)
        if school is None or self.speaker(urn, GENERAL, on) is None:
            return None
        category = self.public_category(urn, on).value or 2
        chairs = self.policy(school.authority, "routing", on).name == "warwickshire"
        if chairs and TYPES[school.type] == "maintained" and category >= 3:
            return "system-leader"
        return self._routed(school, GENERAL, on, category).role

    def _routed(self, school: School, matter: str, on: date, category: int) -> Who:
        policy = self.policy(school.authority, "routing", on).name
        academy = TYPES[school.type] in ("converter", "new academy")
        if TYPES[school.type] == "unknown" or policy == "duty-desk-only":
            return DESK
        if policy == "bristol":
            if academy:
                return self._trust(school, on)
            return Who("improvement-desk")
        if academy and matter == INSPECTION:
            return self._trust_contact(school, on)
        if TYPES[school.type] == "maintained" and category >= 3:
            return self._system_leader(school, on)
        if academy and category >= 3:
            return self._trust(school, on)
        return self._officer(school, on)

    @once
    def trust(self, urn: str, on: date) -> str | None:
        """Asked of the last that was said first: a trust is the school's from the day that is said for it.

        Said again and again of one trust, the day given last counts; none given, the day of the first edition; and where
        no other trust was ever said before, all days. A joining that is to come is said of its own day.
        """
        last_said = {(each.edition, each.weight, each.trust): each for each in self.all(InTrust) if each.urn == urn}
        said = sorted(
            last_said.values(),
            key=lambda each: (
                max(each.edition, each.since or each.edition),
                each.edition,
                each.weight,
                each.since or date.min,
                each.trust or "",
            ),
        )
        while said:
            of_one = [said.pop()]
            while said and said[-1].trust == of_one[-1].trust:
                of_one.append(said.pop())
            days = [each.since for each in of_one if each.since is not None]
            since = days[0] if days else of_one[-1].edition if said else date.min
            if on >= since:
                return of_one[0].trust
        return None

    def _trust(self, school: School, on: date) -> Who:
        trust = self.trust(school.urn, on)
        return DESK if trust is None else Who("trust", trust=trust)

    def _trust_contact(self, school: School, on: date) -> Who:
        trust = self.trust(school.urn, on)
        for post, role in (
            ("chief-executive", "trust-chief-executive"),
            ("school-improvement-partner", "school-improvement-partner"),
        ):
            for contact in self.held(Contact, on):
                if (contact.trust, contact.post) == (trust, post) and not self.heads(contact.person, school, on):
                    return Who(role, trust=trust, person=contact.person)
        return DESK

    def _system_leader(self, school: School, on: date) -> Who:
        for allocation in self.held(Allocation, on):
            if allocation.urn == school.urn and not self.heads(allocation.person, school, on):
                return Who("system-leader", person=allocation.person)
        return DESK

    def _officer(self, school: School, on: date) -> Who:
        """Chair, who acts as chair while there is none, deputy; none of them for the school that she heads."""
        body = self.lead_body(school.urn, on)
        terms = {each.post: each for each in self.held(Term, on) if each.body == body}
        chair = terms.get("chair") or terms.get("acting-chair")
        for term, role in ((chair, "chair"), (terms.get("deputy"), "deputy")):
            if term is not None and not self.heads(term.person, school, on):
                return Who(role, body=term.body, post=term.post, person=term.person)
        return DESK

    @once
    def lead_body(self, urn: str, on: date) -> str | None:
        """Of several the one that was named; of these the one named for the latest day; else that of the highest phase."""
        there = [each for each in self.held(Member, on) if each.urn == urn]
        for each in there:
            if each.lead:
                return each.body
        bodies = {each.body for each in there if each.lead is None}
        named = {each.start: each.body for each in self.all(LeadNamed) if each.urn == urn and each.start <= on}
        for _, body in sorted(named.items(), reverse=True):
            if body in bodies:
                return body
        phases = {each.name: PHASES[each.kind] for each in self.all(Body)}
        return max(bodies, key=lambda body: phases.get(body, 0), default=None)

    def heads(self, person: str | None, school: School, on: date) -> bool:
        return any((each.person, each.urn) == (person, school.urn) for each in self.held(Headship, on))

    # -- the contact of a body (R0.3a) --

    def contact(self, body: str, on: date, asked_by: str | None) -> Who:
        """Chair, who acts as chair, deputy: the first that does not ask herself. A term ends with its body."""
        terms = {each.post: each for each in self.held(Term, on) if each.body == body}
        for post, role in (("chair", "chair"), ("acting-chair", "chair"), ("deputy", "deputy")):
            if post in terms and terms[post].person != asked_by:
                return Who(role, body=body, post=post, person=terms[post].person)
        return DESK
