"""Where a trust speaks for a school, what is told says who hears for the trust (R0.8)."""

from datetime import date
from uuid import UUID

import pytest

from services.membership.domain.appointment import (
    CHIEF_EXECUTIVE,
    SCHOOL_IMPROVEMENT_PARTNER,
    Headship,
    TrustContact,
    hears_for,
)
from services.membership.use_cases import la_category
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.trust_contacts import end_trust_contact, who_hear
from tests.store.membership.conftest import START, Authority

ACADEMY, JANUARY, MARCH = "900011", date(2024, 1, 10), date(2024, 3, 11)
REASSIGNED = "representation.reassigned"


def contact(person: int, post: str = CHIEF_EXECUTIVE, until: date | None = None, trust: str = "7001") -> TrustContact:
    return TrustContact(trust, post, UUID(int=person), START, until)


async def test_a_trust_that_comes_to_speak_and_one_that_does_no_longer_are_heard_for_by_the_chief_executive(
    abbey: Authority,
) -> None:
    """R0.8, R0.3: an academy in Category 3 or 4 is spoken for in general by its trust."""
    chief = str(abbey.people["chief"])
    await abbey.on(JANUARY)
    await abbey.publish(ACADEMY, JANUARY, headline=3)
    [fell] = await abbey.said(REASSIGNED)
    assert (fell.data["general_after"]["role"], fell.data["general_after"]["trust_contact_id"]) == ("trust", chief)
    assert fell.data["general_after"]["person_id"] is None
    assert fell.data["general_before"]["trust_contact_id"] is None
    assert fell.data["inspection_after"]["trust_contact_id"] is None  # she speaks there herself
    await abbey.on(MARCH)
    await abbey.publish(ACADEMY, MARCH, headline=2)
    rose = (await abbey.said(REASSIGNED))[-1]
    assert (rose.data["general_before"]["role"], rose.data["general_before"]["trust_contact_id"]) == ("trust", chief)
    assert rose.data["general_after"]["trust_contact_id"] is None


async def test_a_trust_without_a_chief_executive_is_heard_for_by_its_school_improvement_partner(
    abbey: Authority,
) -> None:
    """R0.8"""
    partner = TrustContact("7001", SCHOOL_IMPROVEMENT_PARTNER, abbey.people["newcomer"], START, None)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", trust_contacts=[partner])))
    await abbey.on(JANUARY)
    await abbey.do(lambda uow: end_trust_contact(uow, "7001", CHIEF_EXECUTIVE, ended_on=JANUARY))
    await abbey.publish(ACADEMY, JANUARY, headline=3)
    fell = (await abbey.said(REASSIGNED, urn=ACADEMY))[-1]
    assert fell.data["general_after"]["trust_contact_id"] == str(abbey.people["newcomer"])


@pytest.mark.parametrize("has_a_partner", [True, False])
async def test_where_the_chief_executive_heads_the_school_its_trust_hears_through_the_school_improvement_partner(
    abbey: Authority, has_a_partner: bool
) -> None:
    """R0.8, R0.3: she hears as the head, and whom `GET speaker` names hears for the trust; both when it is recorded and
    when the school is told."""
    partner = TrustContact("7001", SCHOOL_IMPROVEMENT_PARTNER, abbey.people["newcomer"], START, None)
    heads = Headship(abbey.people["chief"], ACADEMY, START, None)
    given = TakenOn("937", trust_contacts=[partner] if has_a_partner else [], headships=[heads])
    await abbey.do(lambda uow: take_on(uow, given))
    await abbey.on(JANUARY)
    await abbey.publish(ACADEMY, JANUARY, headline=4)
    fell = (await abbey.said(REASSIGNED, urn=ACADEMY))[-1]
    hears = str(abbey.people["newcomer"]) if has_a_partner else None
    assert (fell.data["general_after"]["role"], fell.data["general_after"]["trust_contact_id"]) == ("trust", hears)
    assert await abbey.do(lambda uow: who_hear(uow, ACADEMY)) == {"7001": UUID(hears) if hears else None}


@pytest.mark.parametrize(
    ("contacts", "heads", "hears"),
    [
        ([contact(1), contact(2, SCHOOL_IMPROVEMENT_PARTNER)], [], 1),
        ([contact(1, until=JANUARY), contact(2, SCHOOL_IMPROVEMENT_PARTNER)], [], 2),
        ([contact(1), contact(2, SCHOOL_IMPROVEMENT_PARTNER)], [1], 2),
        ([contact(1), contact(2, SCHOOL_IMPROVEMENT_PARTNER)], [1, 2], None),
        ([contact(1), contact(2, SCHOOL_IMPROVEMENT_PARTNER)], [3], 1),
        ([contact(1, trust="7002"), contact(2, SCHOOL_IMPROVEMENT_PARTNER, trust="7002")], [], None),
        ([], [], None),
    ],
)
def test_who_hears_for_a_trust(contacts: list[TrustContact], heads: list[int], hears: int | None) -> None:
    """R0.8"""
    headships = [Headship(UUID(int=each), ACADEMY, START, None) for each in heads]
    found = hears_for(contacts, headships, "7001", ACADEMY, JANUARY)
    assert found == (UUID(int=hears) if hears else None)


@pytest.mark.parametrize("successor", [True, False])
async def test_when_a_school_is_told_it_is_said_who_hears_for_its_trust_by_now(
    abbey: Authority, successor: bool
) -> None:
    """R0.8: what was recorded under the former chief executive is told to whoever is in post, or to nobody."""
    await abbey.on(JANUARY)
    await abbey.do(lambda uow: la_category.set_la_category(
        uow, ACADEMY, category=4, from_date=JANUARY, reason="A visit", review_on=None, set_by="officer"
    ))  # fmt: skip
    [fell] = await abbey.said(REASSIGNED, urn=ACADEMY)
    assert fell.data["general_after"]["trust_contact_id"] == str(abbey.people["chief"])
    await abbey.do(lambda uow: end_trust_contact(uow, "7001", CHIEF_EXECUTIVE, ended_on=JANUARY))
    if successor:
        new = TrustContact("7001", CHIEF_EXECUTIVE, abbey.people["newcomer"], JANUARY, None)
        await abbey.do(lambda uow: take_on(uow, TakenOn("937", trust_contacts=[new])))
    await abbey.do(lambda uow: la_category.record_school_told(uow, ACADEMY, told_on=JANUARY, told_by="officer"))
    [told] = await abbey.said("school.told")
    hears = str(abbey.people["newcomer"]) if successor else None
    assert told.data["trusts"] == [{"trust_id": "7001", "person_id": hears}]
    await abbey.forget_said()
    await abbey.do(lambda uow: la_category.record_school_told(uow, ACADEMY, told_on=JANUARY, told_by="officer"))
    [again] = await abbey.said("school.told")
    assert again.data["trusts"] == []  # nothing goes out by it
