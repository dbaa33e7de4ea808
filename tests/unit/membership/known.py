"""What the tests of this folder know: a school, its people, outcomes. Everything invented."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.membership.domain.adopted import Adopted, always
from services.membership.domain.appointment import Allocation, Headship, TrustContact
from services.membership.domain.body import Membership
from services.membership.domain.category import Continuity, Outcome
from services.membership.domain.la_entry import LaEntry
from services.membership.domain.office import Term
from services.membership.domain.representation import Circumstances
from services.membership.domain.routing_policy import WARWICKSHIRE, RoutingPolicy
from services.membership.domain.school import School, Status
from services.membership.domain.trust import InTrust

URN = "900001"
PREDECESSOR = "900002"
DAY = date(2024, 3, 1)
SPACE = UUID("00000000-0000-4000-8000-000000000000")
ABBEY = uuid5(SPACE, "Abbey consortium")


def person(name: str) -> UUID:
    return uuid5(SPACE, name)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def a_school(**changes: Any) -> School:
    known: dict[str, Any] = {
        "urn": URN,
        "authority": "937",
        "name": "Oak Primary School",
        "phase": "Primary",
        "type_code": "1",
        "status": Status.OPEN,
        "trust_id": None,
    }
    return School(**(known | changes))


def an_academy(**changes: Any) -> School:
    return a_school(**({"type_code": "34", "trust_id": "7001", "trust_name": "Larch Trust"} | changes))


def graded(headline: int | None = None, *, published: date = date(2024, 1, 10), **changes: Any) -> Outcome:
    known: dict[str, Any] = {
        "urn": URN,
        "inspection_number": f"N{published:%Y%m%d}",
        "kind": "graded",
        "inspection_started_on": date(2023, 12, 5),
        "published_on": published,
        "recorded_at": at(published),
        "headline": headline,
    }
    return Outcome(**(known | changes))


def an_entry(category: int, from_date: date = date(2024, 2, 1), **changes: Any) -> LaEntry:
    known: dict[str, Any] = {
        "entry_id": uuid5(SPACE, f"entry {category} {from_date}"),
        "urn": URN,
        "category": category,
        "from_date": from_date,
        "recorded_at": at(from_date),
        "review_on": from_date + timedelta(days=365),
    }
    return LaEntry(**(known | changes))


def continues(predecessor: str = PREDECESSOR, *, merged: bool = False, **days: date | None) -> Continuity:
    return Continuity(URN, predecessor, merged, **days)


def a_term(
    post: str, who: str, from_date: date = date(2023, 9, 1), until: date | None = None, *, body: UUID = ABBEY
) -> Term:
    return Term(
        uuid5(SPACE, f"{body}{post}{who}{from_date}"),
        uuid5(SPACE, f"{body}{post}"),
        body,
        post,
        person(who),
        from_date,
        until,
        "meeting",
    )


def heads_it(who: str, urn: str = URN, from_date: date = date(2020, 9, 1), until: date | None = None) -> Headship:
    return Headship(person(who), urn, from_date, until)


def allocated(who: str, from_date: date = date(2023, 9, 1), until: date | None = None) -> Allocation:
    return Allocation(uuid5(SPACE, f"{who}{from_date}"), URN, person(who), from_date, until)


def trust_contact(post: str, who: str, trust_id: str = "7001") -> TrustContact:
    return TrustContact(trust_id, post, person(who), date(2023, 9, 1), None)


def circumstances(
    school: School | None = None,
    *,
    policies: Sequence[Adopted[RoutingPolicy]] = always(WARWICKSHIRE),
    terms: Iterable[Term] | None = None,
    in_abbey: bool = True,
    **changes: Any,
) -> Circumstances:
    """A school of Abbey consortium, which has a chair and a deputy unless something else is said."""
    held = (a_term("chair", "the chair"), a_term("deputy", "the deputy")) if terms is None else tuple(terms)
    member = (Membership(ABBEY, URN, date(2023, 9, 1), None, True),) if in_abbey else ()
    school = school or a_school()
    if school.trust_id and "trusts" not in changes:
        changes["trusts"] = (InTrust(URN, school.trust_id, date.min, None, school.trust_name),)
    return Circumstances(school, policies, member, held, **changes)
