"""Who speaks for a school, and who is the contact of a body: one answer, never none, never two (R0.3).

A head always speaks for her own school; what is named here is the person outside it. First match wins.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.adopted import Adopted, in_force
from services.membership.domain.appointment import (
    CHIEF_EXECUTIVE,
    SCHOOL_IMPROVEMENT_PARTNER,
    Allocation,
    Headship,
    TrustContact,
    heads,
    of_the_trust,
)
from services.membership.domain.body import Membership, lead_body
from services.membership.domain.office import ACTING_CHAIR, CHAIR, DEPUTY, Term, holder
from services.membership.domain.override import Override, overriding
from services.membership.domain.routing_policy import DUTY_DESK_ONLY, Matter, RoutingPolicy
from services.membership.domain.school import School, Sector
from services.membership.domain.trust import InTrust, trust_on


class Role(enum.StrEnum):
    CHAIR = "chair"
    DEPUTY = "deputy"
    SYSTEM_LEADER = "system-leader"
    TRUST_CHIEF_EXECUTIVE = "trust-chief-executive"
    SCHOOL_IMPROVEMENT_PARTNER = "school-improvement-partner"
    TRUST = "trust"
    IMPROVEMENT_DESK = "improvement-desk"
    DUTY_DESK = "duty-desk"
    NAMED_PERSON = "named-person"  # whom an override names: she holds no office that counts here

    @property
    def is_desk(self) -> bool:
        """A desk of the authority, reached at its own mailbox whoever looks after it that day."""
        return self in (Role.IMPROVEMENT_DESK, Role.DUTY_DESK)


OVERRIDE = "override"
# Rules whose answer shows an act inside the council: whether a system leader is allocated, or an override (R0.8).
RESTRICTED_RULES = frozenset(
    {"maintained-3-4-allocated", "maintained-3-4-unallocated", "system-leader-heads-school", OVERRIDE}
)

FOR_WANT_OF_A_TRUST = frozenset(
    {"academy-no-trust", "academy-3-4-no-trust", "trust-no-contact", "trust-contact-heads-school"}
)


@dataclass(frozen=True)
class Speaker:
    """One answer. Two answers name the same speaker when role, office and person are the same, whatever the rule."""

    role: Role
    rule: str
    reason: str
    office_id: UUID | None = None
    body_id: UUID | None = None
    trust_id: str | None = None
    person_id: UUID | None = None

    @property
    def who(self) -> tuple[Role, UUID | None, UUID | None, str | None, UUID | None]:
        return (self.role, self.office_id, self.body_id, self.trust_id, self.person_id)

    @property
    def of_the_trust(self) -> bool:
        """Whether the trust decides who answers: one of its people, the trust itself, or the desk for want of them."""
        return self.trust_id is not None or self.rule in FOR_WANT_OF_A_TRUST

    @property
    def is_restricted(self) -> bool:
        return self.rule in RESTRICTED_RULES


@dataclass(frozen=True)
class Circumstances:
    """All that a route is decided from, for one school. Everything is dated; nothing else is looked at."""

    school: School
    policies: Sequence[Adopted[RoutingPolicy]]
    memberships: Sequence[Membership] = ()
    terms: Sequence[Term] = ()  # of the bodies that the school belongs to
    allocations: Sequence[Allocation] = ()
    trust_contacts: Sequence[TrustContact] = ()
    headships: Sequence[Headship] = ()  # of this school
    overrides: Sequence[Override] = ()
    trusts: Sequence[InTrust] = ()

    def trust_on(self, day: date) -> str | None:
        found = trust_on(self.trusts, day)
        return found.trust_id if found else None

    def trust_name(self, trust_id: str | None) -> str | None:
        return next((each.name for each in self.trusts if each.trust_id == trust_id), None)

    def policy_on(self, day: date) -> RoutingPolicy:
        """An authority that has adopted none is answered by its duty desk."""
        return in_force(self.policies, day) or DUTY_DESK_ONLY

    def heads_it(self, person_id: UUID, day: date) -> bool:
        return heads(self.headships, person_id, self.school.urn, day)


def contact(
    terms: Sequence[Term], body_id: UUID, day: date, *, asked_by: UUID | None = None, body_open: bool = True
) -> Speaker:
    """The contact of a body for its member schools, whatever their type and category (W-15).

    The chair herself asking, or no chair: the deputy; then the duty desk.
    """
    if body_open:
        candidates = [
            (holder(terms, CHAIR, day), Role.CHAIR, "chair", "The chair is the contact of the body"),
            (
                holder(terms, ACTING_CHAIR, day),
                Role.CHAIR,
                "acting-chair",
                "The chair is vacant; the acting chair is the contact",
            ),
            (holder(terms, DEPUTY, day), Role.DEPUTY, "deputy", "There is no chair to ask; the deputy is the contact"),
        ]
        for term, role, rule, reason in candidates:
            if term is not None and term.person_id != asked_by:
                return _officer(term, role, rule, reason)
    return Speaker(Role.DUTY_DESK, "nobody-in-office", "Nobody is in office, so the duty desk answers")


def route(circumstances: Circumstances, matter: Matter, day: date, routes_as: int) -> Speaker:
    """Who speaks for one school on one matter on one day, given the category that it routes as."""
    school, policy = circumstances.school, circumstances.policy_on(day)
    override = overriding(circumstances.overrides, matter, day)
    if override is not None and not (override.person_id and circumstances.heads_it(override.person_id, day)):
        return _named_by_an_officer(override)
    if school.sector is Sector.UNKNOWN:
        return _desk("type-unknown", "The register doesn't say what type of school this is")
    if policy.name == DUTY_DESK_ONLY.name:
        return _desk("no-policy", "The authority has adopted no routing policy")
    if not policy.chairs:
        return _council_or_trust(circumstances, day)
    if school.sector is Sector.ACADEMY and matter is Matter.INSPECTION:
        return _academy_inspection(circumstances, day)
    if routes_as >= policy.system_leader_from:
        if school.sector is Sector.MAINTAINED:
            return _system_leader(circumstances, day, routes_as)
        if school.sector is Sector.ACADEMY:
            return _weak_academy(circumstances, day, routes_as)
    return _chair(circumstances, day)


def public_role(circumstances: Circumstances, day: date, routes_as_publicly: int) -> Role:
    """The role from public facts alone: never whether anybody is allocated, nor an override (N-05)."""
    school, policy = circumstances.school, circumstances.policy_on(day)
    if policy.chairs and school.sector is Sector.MAINTAINED and routes_as_publicly >= policy.system_leader_from:
        return Role.SYSTEM_LEADER
    return route(replace(circumstances, allocations=(), overrides=()), Matter.GENERAL, day, routes_as_publicly).role


def _named_by_an_officer(override: Override) -> Speaker:
    if override.person_id is None:
        return _desk("override", "An officer has named the duty desk for a time")
    why = "An officer has named somebody else for a time"
    return Speaker(Role.NAMED_PERSON, OVERRIDE, why, person_id=override.person_id)


def _council_or_trust(circumstances: Circumstances, day: date) -> Speaker:
    """Bristol: the group has no voice for single schools, "the school system rather than individual institutions"."""
    if circumstances.school.sector is Sector.ACADEMY:
        trust_id = circumstances.trust_on(day)
        if trust_id is None:
            return _desk("academy-no-trust", "No trust is recorded for this academy")
        return Speaker(Role.TRUST, "academy-trust", "An academy's trust speaks for it", trust_id=trust_id)
    maintained = circumstances.school.sector is Sector.MAINTAINED
    whom = "its maintained schools" if maintained else "a school that is neither maintained nor an academy"
    return Speaker(Role.IMPROVEMENT_DESK, "maintained-desk", f"The council's school-improvement desk speaks for {whom}")


def _academy_inspection(circumstances: Circumstances, day: date) -> Speaker:
    """Chief executive, else School Improvement Partner, else the duty desk; never the chair (W-19)."""
    chief = _trust_contact(circumstances, CHIEF_EXECUTIVE, day)
    if chief is not None and not circumstances.heads_it(chief.person_id, day):
        return Speaker(
            Role.TRUST_CHIEF_EXECUTIVE,
            "academy-chief-executive",
            "The trust's chief executive has an academy's inspection conversation",
            trust_id=chief.trust_id,
            person_id=chief.person_id,
        )
    partner = _trust_contact(circumstances, SCHOOL_IMPROVEMENT_PARTNER, day)
    if partner is not None and not circumstances.heads_it(partner.person_id, day):
        why = (
            "the chief executive heads the school" if chief is not None else "the trust has no chief executive recorded"
        )
        return Speaker(
            Role.SCHOOL_IMPROVEMENT_PARTNER,
            "academy-improvement-partner",
            f"The School Improvement Partner has the inspection conversation, because {why}",
            trust_id=partner.trust_id,
            person_id=partner.person_id,
        )
    if chief is None and partner is None:
        return _desk(
            "trust-no-contact", "The trust has neither a chief executive nor a School Improvement Partner recorded"
        )
    return _desk(
        "trust-contact-heads-school", "Whoever could speak for the trust heads the school, so the duty desk answers"
    )


def _system_leader(circumstances: Circumstances, day: date, category: int) -> Speaker:
    """W-18. Nobody allocated goes to the duty desk, never silently back to the chair."""
    allocated = [each for each in circumstances.allocations if each.holds_on(day)]
    if not allocated:
        return _desk(
            "maintained-3-4-unallocated", f"A maintained school in Category {category}, with no system leader allocated"
        )
    leader = min(allocated, key=lambda each: (each.from_date, str(each.allocation_id)))
    if circumstances.heads_it(leader.person_id, day):
        return _desk(
            "system-leader-heads-school", "The allocated system leader heads the school, so the duty desk answers"
        )
    return Speaker(
        Role.SYSTEM_LEADER,
        "maintained-3-4-allocated",
        f"A maintained school in Category {category} is spoken for by its allocated system leader",
        person_id=leader.person_id,
    )


def _weak_academy(circumstances: Circumstances, day: date, category: int) -> Speaker:
    """The paper is silent on an academy in Category 3 or 4 and a general matter; the policy's value says."""
    if circumstances.policy_on(day).weak_academy_general != "trust":
        return _chair(circumstances, day)
    trust_id = circumstances.trust_on(day)
    if trust_id is None:
        return _desk("academy-3-4-no-trust", f"An academy in Category {category} with no trust recorded")
    return Speaker(
        Role.TRUST,
        "academy-3-4-trust",
        f"An academy in Category {category} is spoken for by its trust",
        trust_id=trust_id,
    )


def _chair(circumstances: Circumstances, day: date) -> Speaker:
    """W-17. The chair of the lead body; her own school, or no chair: the deputy; then the duty desk."""
    body_id = lead_body(circumstances.memberships, circumstances.school.urn, day)
    if body_id is None:
        return _desk("no-body", "The school belongs to no body")
    terms = [term for term in circumstances.terms if term.body_id == body_id]
    chair = holder(terms, CHAIR, day)
    acting = holder(terms, ACTING_CHAIR, day)
    deputy = holder(terms, DEPUTY, day)
    if chair is not None and not circumstances.heads_it(chair.person_id, day):
        return _officer(chair, Role.CHAIR, "chair", "The chair of its body speaks for the school")
    if chair is None and acting is not None and not circumstances.heads_it(acting.person_id, day):
        return _officer(
            acting, Role.CHAIR, "acting-chair", "The chair is vacant, so the acting chair speaks for the school"
        )
    if deputy is not None and not circumstances.heads_it(deputy.person_id, day):
        if chair is None and acting is None:
            return _officer(
                deputy, Role.DEPUTY, "chair-vacant", "The chair is vacant, so the deputy speaks for the school"
            )
        return _officer(
            deputy, Role.DEPUTY, "chair-heads-school", "The chair heads the school, so the deputy speaks for it"
        )
    if chair is None and acting is None and deputy is None:
        return _desk("no-officers", "Its body has neither chair nor deputy")
    return _desk("officers-head-school", "Whoever is in office at its body heads the school, so the duty desk answers")


def _trust_contact(circumstances: Circumstances, post: str, day: date) -> TrustContact | None:
    trust_id = circumstances.trust_on(day)
    return of_the_trust(circumstances.trust_contacts, trust_id, post, day) if trust_id is not None else None


def _officer(term: Term, role: Role, rule: str, reason: str) -> Speaker:
    return Speaker(role, rule, reason, office_id=term.office_id, body_id=term.body_id, person_id=term.person_id)


def _desk(rule: str, reason: str) -> Speaker:
    """The duty desk: a mailbox and a telephone with a named officer of the day. It belongs to no body."""
    return Speaker(Role.DUTY_DESK, rule, reason)
