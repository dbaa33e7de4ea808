"""The demo's bodies and all that an authority is taken on with, as documents for ``POST /take-on``, the same every run.

A document a date: what was so on the first day, then what became so on a later day (a school that opens joins the
bodies of its place). Only places, schools and outcomes are real.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from infra.demo import invented, people, places
from infra.demo.people import Person
from infra.demo.registers import ALL_THROUGH, BRISTOL, GO_LIVE, WARWICKSHIRE, School, schools

AWARD_PENCE = 500_000  # W-31

# The schools that the demo tells of: none of them is the chair's own.
STORIED = frozenset({"125580", "125670"})

Document = dict[str, Any]


@dataclass
class Body:
    id: UUID
    authority: str
    kind: str
    name: str
    areas: tuple[str, ...] = ()
    award_pence: int | None = None
    members: list[School] = field(default_factory=list)
    chair: School | None = None
    deputy: School | None = None


def _body(authority: str, kind: str, name: str, *areas: str, award: int | None = None) -> Body:
    return Body(invented.body_id(f"{authority} {name}"), authority, kind, name, areas, award)


@cache
def warwickshire() -> tuple[Body, ...]:
    """Fourteen consortia, four networks, one special-school group, and the five Area Analysis Groups."""
    consortia = {
        name: _body(WARWICKSHIRE, "primary-consortium", name, area, award=AWARD_PENCE)
        for name, area, _ in places.CONSORTIA
    }
    networks = {
        name: _body(WARWICKSHIRE, "area-network", name, *areas, award=AWARD_PENCE)
        for name, areas in places.NETWORKS.items()
    }
    special = _body(WARWICKSHIRE, "special-group", places.SPECIAL_GROUP)
    for school in schools().values():
        if school.authority != WARWICKSHIRE:
            continue
        if school.phase in {"Primary", "Nursery", ALL_THROUGH}:
            consortia[places.consortium_of(school.district) or ""].members.append(school)
        if school.phase in {"Secondary", ALL_THROUGH}:
            networks[places.network_of(school.district) or ""].members.append(school)
        if school.phase == "Special":
            special.members.append(school)
    for body in (*consortia.values(), *networks.values(), special):
        body.chair, body.deputy = people.fit_to_chair(body.members, STORIED)[:2]
    # One deputy's post is vacant, so that the duty desk speaks for that chair's own school.
    networks["South area network"].deputy = None
    groups = [_body(WARWICKSHIRE, "area-analysis-group", f"{area} Area Analysis Group", area) for area in places.AREAS]
    return (*consortia.values(), *networks.values(), special, *groups)


@cache
def bristol() -> tuple[Body, ...]:
    """One group of sixteen seats, no award; it has no member schools and speaks for none (R0.3)."""
    return (_body(BRISTOL, "excellence-group", places.EXCELLENCE_GROUP),)


def body_named(name: str) -> Body:
    return next(body for body in (*warwickshire(), *bristol()) if body.name == name)


def bodies_of(urn: str) -> list[Body]:
    return [body for body in warwickshire() if any(member.urn == urn for member in body.members)]


def lead_body(school: School) -> Body | None:
    """The body whose chair counts for the school: of a school in two, that of its highest phase."""
    found = bodies_of(school.urn)
    return next((body for body in found if body.kind == "area-network"), found[0] if found else None)


def term_id(body: Body, post: str) -> UUID:
    return invented.body_id(f"{post} of {body.name}")


# -- documents -------------------------------------------------------------------------------------


def take_on(authority: str) -> dict[date, Document]:
    """The documents of an authority by the day on which each is sent, the first on the demo's first day."""
    documents: dict[date, Document] = {GO_LIVE: _first_document(authority)}
    continuing = {school.continued_by for school in schools().values() if school.continued_by}
    for school in schools().values():
        if school.authority != authority:
            continue
        since = max(GO_LIVE, school.opened) if school.opened else GO_LIVE
        document = documents.setdefault(since, {"authority": authority})
        document.setdefault("headships", []).append(_headship(school))
        if school.urn in continuing:
            continue  # it takes the place of the school that it continues, by the register's links
        for body in bodies_of(school.urn):
            document.setdefault("memberships", []).append(_membership(school, body, since))
    return dict(sorted(documents.items()))


def _first_document(authority: str) -> Document:
    in_warwickshire = authority == WARWICKSHIRE
    bodies = warwickshire() if in_warwickshire else bristol()
    return {
        "authority": authority,
        "authority_name": "Warwickshire" if in_warwickshire else "Bristol, City of",
        "region": "West Midlands" if in_warwickshire else "South West",
        "routing_policy": "warwickshire" if in_warwickshire else "bristol",
        "areas": [{"name": name, "postcode_districts": list(of)} for name, of in places.AREAS.items()]
        if in_warwickshire
        else [],
        "desks": _desks(authority),
        "people": [_person(someone) for someone in everybody(authority)],
        "bodies": [_body_document(body) for body in bodies],
        "offices": _offices(bodies) if in_warwickshire else _bristol_chair(bodies[0]),
        "allocations": _allocations() if in_warwickshire else [],
        "trust_contacts": [
            {"trust_id": c.trust_id, "post": c.post, "person_id": str(c.person.id), "from": c.since.isoformat()}
            for c in people.trust_contacts(authority)
        ],
    }


def everybody(authority: str) -> list[Person]:
    found = {head.person for head in people.headships() if schools()[head.urn].authority == authority}
    found |= {contact.person for contact in people.trust_contacts(authority)}
    found |= {people.person(f"officer {number} of {authority}") for number in (1, 2)}
    if authority == WARWICKSHIRE:
        found |= {people.leader(number) for number in range(1, 7)} | {
            people.person(f"new head {n}") for n in range(1, 4)
        }
    else:
        found |= {holder for _, holder in people.bristol_seats()}
    return sorted(found, key=lambda someone: someone.id)


def _areas() -> list[Document]:
    return [{"name": name, "postcode_districts": list(districts)} for name, districts in places.AREAS.items()]


def _desks(authority: str) -> list[Document]:
    name = "warwickshire" if authority == WARWICKSHIRE else "bristol"
    kinds = ("duty-desk",) if authority == WARWICKSHIRE else ("duty-desk", "improvement-desk")
    return [
        {
            "desk": desk,
            "mailbox": f"{desk}@{name}.example",
            "telephone": f"01632 960{number:03d}",
            "officer_of_the_day": str(people.person(f"officer {number} of {authority}").id),
        }
        for number, desk in enumerate(kinds, start=1)
    ]


def _person(someone: Person) -> Document:
    return {"person_id": str(someone.id), "name": someone.name, "email": someone.email, "telephone": someone.telephone}


def _body_document(body: Body) -> Document:
    return {
        "body_id": str(body.id),
        "kind": body.kind,
        "name": body.name,
        "areas": list(body.areas),
        "opened_on": GO_LIVE.isoformat(),
        "award_pence": body.award_pence,
    }


def _headship(school: School) -> Document:
    head = people.head_of(school.urn)
    until = school.closed.isoformat() if school.closed else None
    return {"person_id": str(head.id), "urn": school.urn, "from": people.head_since(school).isoformat(), "until": until}


def _membership(school: School, body: Body, since: date) -> Document:
    return {
        "body_id": str(body.id),
        "urn": school.urn,
        "from": since.isoformat(),
        "lead": lead_body(school) is body,
    }


def _offices(bodies: tuple[Body, ...]) -> list[Document]:
    return [
        {
            "term_id": str(term_id(body, post)),
            "body_id": str(body.id),
            "post": post,
            "person_id": str(people.head_of(school.urn).id),
            "from": GO_LIVE.isoformat(),
        }
        for body in bodies
        for post, school in (("chair", body.chair), ("deputy", body.deputy))
        if school is not None
    ]


def _bristol_chair(group: Body) -> list[Document]:
    """The director of children's services is the chair by reason of office; the paper names no deputy (B-41)."""
    director = people.bristol_seats()[-1][1]
    return [
        {
            "term_id": str(term_id(group, "chair")),
            "body_id": str(group.id),
            "post": "chair",
            "person_id": str(director.id),
            "from": GO_LIVE.isoformat(),
        }
    ]


def _allocations() -> list[Document]:
    """Those that stood on the first day; the later ones are made by command on their day."""
    return [
        {
            "allocation_id": str(allocation.id),
            "urn": allocation.urn,
            "person_id": str(allocation.leader.id),
            "from": allocation.since.isoformat(),
            "until": allocation.until.isoformat() if allocation.until else None,
        }
        for allocation in people.ALLOCATIONS
        if allocation.since <= GO_LIVE
    ]
