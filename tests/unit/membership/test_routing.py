"""Who speaks for a school: each authority's own policy, line by line (R0.3, W-15 to W-19)."""

from datetime import date

import pytest

from services.membership.domain.adopted import always
from services.membership.domain.representation import Circumstances, Role, Speaker, contact, public_role, route
from services.membership.domain.routing_policy import BRISTOL, DUTY_DESK_ONLY, Matter, routing_policy
from tests.unit.membership.known import (
    ABBEY,
    DAY,
    a_school,
    a_term,
    allocated,
    an_academy,
    circumstances,
    heads_it,
    person,
    trust_contact,
)

BOTH = [Matter.GENERAL, Matter.INSPECTION]
CHIEF, PARTNER = "chief-executive", "school-improvement-partner"


def speaks(given: Circumstances, matter: Matter = Matter.GENERAL, category: int = 2, day: date = DAY) -> Speaker:
    return route(given, matter, day, category)


@pytest.mark.parametrize("matter", BOTH)
@pytest.mark.parametrize("category", [1, 2])
def test_the_chair_speaks_for_a_maintained_school_in_category_1_or_2(matter: Matter, category: int) -> None:
    """W-17"""
    found = speaks(circumstances(), matter, category)
    assert (found.role, found.person_id, found.body_id, found.rule) == (Role.CHAIR, person("the chair"), ABBEY, "chair")
    assert found.office_id == a_term("chair", "the chair").office_id


@pytest.mark.parametrize("matter", BOTH)
@pytest.mark.parametrize("category", [3, 4])
def test_the_allocated_system_leader_speaks_for_a_maintained_school_in_category_3_or_4(
    matter: Matter, category: int
) -> None:
    """W-18"""
    found = speaks(circumstances(allocations=(allocated("the leader"),)), matter, category)
    assert (found.role, found.person_id) == (Role.SYSTEM_LEADER, person("the leader"))


@pytest.mark.parametrize("matter", BOTH)
def test_with_nobody_allocated_the_duty_desk_answers_and_never_the_chair(matter: Matter) -> None:
    """W-18"""
    found = speaks(circumstances(), matter, 3)
    assert (found.role, found.rule, found.person_id) == (Role.DUTY_DESK, "maintained-3-4-unallocated", None)


def test_an_allocation_counts_only_between_its_dates() -> None:
    """W-18"""
    given = circumstances(allocations=(allocated("the leader", date(2024, 3, 1), date(2024, 4, 1)),))
    days = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31), date(2024, 4, 1)]
    assert [speaks(given, category=4, day=day).role for day in days] == [
        Role.DUTY_DESK,
        Role.SYSTEM_LEADER,
        Role.SYSTEM_LEADER,
        Role.DUTY_DESK,
    ]


def test_a_system_leader_never_speaks_for_the_school_that_she_heads() -> None:
    """W-18"""
    given = circumstances(allocations=(allocated("the leader"),), headships=(heads_it("the leader"),))
    assert speaks(given, category=3).rule == "system-leader-heads-school"
    assert speaks(given, category=3).role is Role.DUTY_DESK


@pytest.mark.parametrize("category", [1, 2, 3, 4])
@pytest.mark.parametrize("type_code", ["34", "28", "35", "44", "40"])
def test_the_trusts_chief_executive_has_the_inspection_conversation_whatever_the_category(
    category: int, type_code: str
) -> None:
    """W-19; free schools route as academies (W-02)."""
    given = circumstances(
        an_academy(type_code=type_code),
        trust_contacts=(trust_contact(CHIEF, "the chief"), trust_contact(PARTNER, "the partner")),
    )
    found = speaks(given, Matter.INSPECTION, category)
    assert (found.role, found.person_id, found.trust_id) == (Role.TRUST_CHIEF_EXECUTIVE, person("the chief"), "7001")


def test_without_a_chief_executive_the_school_improvement_partner_speaks() -> None:
    """W-19"""
    found = speaks(
        circumstances(an_academy(), trust_contacts=(trust_contact(PARTNER, "the partner"),)), Matter.INSPECTION
    )
    assert (found.role, found.person_id) == (Role.SCHOOL_IMPROVEMENT_PARTNER, person("the partner"))


def test_a_trust_with_neither_recorded_is_answered_by_the_duty_desk() -> None:
    """W-19"""
    found = speaks(circumstances(an_academy()), Matter.INSPECTION)
    assert (found.role, found.rule) == (Role.DUTY_DESK, "trust-no-contact")


def test_a_chief_executive_who_heads_the_school_gives_way_to_the_partner_then_the_duty_desk_never_the_chair() -> None:
    """W-19"""
    chief_heads = {"headships": (heads_it("the chief"),)}
    both = (trust_contact(CHIEF, "the chief"), trust_contact(PARTNER, "the partner"))
    assert speaks(
        circumstances(an_academy(), trust_contacts=both, **chief_heads), Matter.INSPECTION
    ).person_id == person("the partner")
    alone = speaks(circumstances(an_academy(), trust_contacts=both[:1], **chief_heads), Matter.INSPECTION)
    assert (alone.role, alone.rule) == (Role.DUTY_DESK, "trust-contact-heads-school")


def test_a_contact_of_another_trust_does_not_count() -> None:
    found = speaks(
        circumstances(an_academy(), trust_contacts=(trust_contact(CHIEF, "a stranger", "9999"),)), Matter.INSPECTION
    )
    assert found.role is Role.DUTY_DESK


@pytest.mark.parametrize("category", [3, 4])
def test_the_trust_speaks_generally_for_an_academy_in_category_3_or_4(category: int) -> None:
    found = speaks(circumstances(an_academy()), Matter.GENERAL, category)
    assert (found.role, found.trust_id, found.person_id) == (Role.TRUST, "7001", None)


def test_an_academy_in_category_3_with_no_trust_recorded_is_answered_by_the_duty_desk() -> None:
    assert speaks(circumstances(an_academy(trust_id=None)), Matter.GENERAL, 3).rule == "academy-3-4-no-trust"


def test_the_chair_speaks_generally_for_an_academy_in_category_2() -> None:
    assert speaks(circumstances(an_academy()), Matter.GENERAL, 2).role is Role.CHAIR


def test_the_chairs_own_school_is_spoken_for_by_the_deputy() -> None:
    """W-17"""
    found = speaks(circumstances(headships=(heads_it("the chair"),)))
    assert (found.role, found.person_id, found.rule) == (Role.DEPUTY, person("the deputy"), "chair-heads-school")


def test_a_school_headed_by_chair_and_deputy_is_answered_by_the_duty_desk() -> None:
    """W-17"""
    found = speaks(circumstances(headships=(heads_it("the chair"), heads_it("the deputy"))))
    assert (found.role, found.rule) == (Role.DUTY_DESK, "officers-head-school")


def test_the_chairs_own_school_with_no_deputy_is_answered_by_the_duty_desk() -> None:
    """W-17"""
    given = circumstances(terms=[a_term("chair", "the chair")], headships=(heads_it("the chair"),))
    assert speaks(given).role is Role.DUTY_DESK


def test_a_headship_that_ended_no_longer_counts() -> None:
    given = circumstances(headships=(heads_it("the chair", until=DAY),))
    assert speaks(given).role is Role.CHAIR


def test_with_the_chair_vacant_the_deputy_speaks() -> None:
    """W-17"""
    found = speaks(circumstances(terms=[a_term("deputy", "the deputy")]))
    assert (found.role, found.rule) == (Role.DEPUTY, "chair-vacant")


def test_with_the_chair_vacant_an_acting_chair_speaks_as_the_chair() -> None:
    """W-17"""
    given = circumstances(terms=[a_term("deputy", "the deputy"), a_term("acting-chair", "the deputy")])
    found = speaks(given)
    assert (found.role, found.rule, found.person_id) == (Role.CHAIR, "acting-chair", person("the deputy"))


def test_with_both_offices_vacant_the_duty_desk_answers() -> None:
    """W-17"""
    assert speaks(circumstances(terms=[])).rule == "no-officers"


def test_a_school_in_no_body_is_answered_by_the_duty_desk() -> None:
    assert speaks(circumstances(in_abbey=False)).rule == "no-body"


@pytest.mark.parametrize("matter", BOTH)
def test_a_school_of_unknown_type_is_answered_by_the_duty_desk(matter: Matter) -> None:
    assert speaks(circumstances(a_school(type_code="")), matter, 4).rule == "type-unknown"
    assert speaks(circumstances(a_school(type_code="99"), policies=always(BRISTOL)), matter, 4).rule == "type-unknown"


def test_any_other_state_funded_school_is_spoken_for_by_the_chair_in_every_category() -> None:
    given = circumstances(a_school(type_code="8"))
    assert {speaks(given, category=category).role for category in (1, 2, 3, 4)} == {Role.CHAIR}


@pytest.mark.parametrize("matter", BOTH)
@pytest.mark.parametrize("category", [1, 2, 3, 4])
def test_in_bristol_the_councils_desk_speaks_for_a_maintained_school_and_the_trust_for_an_academy(
    matter: Matter, category: int
) -> None:
    maintained = circumstances(policies=always(BRISTOL), allocations=(allocated("the leader"),))
    academy = circumstances(an_academy(), policies=always(BRISTOL), trust_contacts=(trust_contact(CHIEF, "the chief"),))
    assert speaks(maintained, matter, category).role is Role.IMPROVEMENT_DESK
    found = speaks(academy, matter, category)
    assert (found.role, found.trust_id) == (Role.TRUST, "7001")


@pytest.mark.parametrize(
    ("type_code", "whom"),
    [
        ("1", "its maintained schools"),
        ("6", "a school that is neither maintained nor an academy"),  # a city technology college
        ("8", "a school that is neither maintained nor an academy"),  # a non-maintained special school
    ],
)
def test_in_bristol_the_reason_says_for_what_kind_of_school_the_councils_desk_speaks(type_code: str, whom: str) -> None:
    """W-02, R0.3"""
    found = speaks(circumstances(a_school(type_code=type_code), policies=always(BRISTOL)))
    assert (found.rule, found.reason) == ("maintained-desk", f"The council's school-improvement desk speaks for {whom}")


@pytest.mark.parametrize("matter", BOTH)
@pytest.mark.parametrize("category", [1, 2, 3, 4])
@pytest.mark.parametrize("type_code", ["1", "34", "", "8", "28"])
def test_in_bristol_no_member_of_the_group_speaks_by_reason_of_a_seat(
    matter: Matter, category: int, type_code: str
) -> None:
    found = speaks(circumstances(a_school(type_code=type_code), policies=always(BRISTOL)), matter, category)
    assert (found.office_id, found.body_id, found.person_id) == (None, None, None)


def test_an_authority_that_adopted_no_policy_is_answered_by_its_duty_desk() -> None:
    assert routing_policy(None) == DUTY_DESK_ONLY
    assert speaks(circumstances(policies=always(DUTY_DESK_ONLY))).rule == "no-policy"


def test_the_contact_of_a_body_is_its_chair_whoever_asks_but_herself() -> None:
    """W-15"""
    terms = [a_term("chair", "the chair"), a_term("deputy", "the deputy")]
    assert contact(terms, ABBEY, DAY).role is Role.CHAIR
    asked = contact(terms, ABBEY, DAY, asked_by=person("the chair"))
    assert (asked.role, asked.person_id) == (Role.DEPUTY, person("the deputy"))


def test_a_body_with_no_chair_has_its_deputy_for_contact_and_with_neither_the_duty_desk() -> None:
    """W-15"""
    assert contact([a_term("deputy", "the deputy")], ABBEY, DAY).role is Role.DEPUTY
    assert contact([], ABBEY, DAY).role is Role.DUTY_DESK
    assert contact([a_term("chair", "the chair")], ABBEY, DAY, asked_by=person("the chair")).role is Role.DUTY_DESK


def test_a_body_that_is_closed_has_the_duty_desk_for_contact() -> None:
    """W-15"""
    assert contact([a_term("chair", "the chair")], ABBEY, DAY, body_open=False).role is Role.DUTY_DESK


def test_an_acting_chair_who_asks_is_not_sent_to_herself_as_deputy() -> None:
    """W-15"""
    terms = [a_term("deputy", "the deputy"), a_term("acting-chair", "the deputy")]
    assert contact(terms, ABBEY, DAY, asked_by=person("the deputy")).role is Role.DUTY_DESK


def test_the_public_role_says_system_leader_whether_or_not_one_is_allocated() -> None:
    """N-05"""
    assert public_role(circumstances(), DAY, 3) is Role.SYSTEM_LEADER
    assert public_role(circumstances(allocations=(allocated("the leader"),)), DAY, 3) is Role.SYSTEM_LEADER
    heads = circumstances(allocations=(allocated("the leader"),), headships=(heads_it("the leader"),))
    assert public_role(heads, DAY, 4) is Role.SYSTEM_LEADER
    assert public_role(circumstances(allocations=(allocated("the leader"),)), DAY, 2) is Role.CHAIR


def test_two_answers_name_one_speaker_when_only_the_rule_differs() -> None:
    first = Speaker(Role.DUTY_DESK, "no-body", "")
    assert first.who == Speaker(Role.DUTY_DESK, "type-unknown", "").who
    assert first.who != Speaker(Role.CHAIR, "chair", "").who


def test_while_there_is_a_chair_nobody_acts_in_her_place() -> None:
    """W-17"""
    terms = [a_term("chair", "the chair"), a_term("acting-chair", "somebody"), a_term("deputy", "the deputy")]
    found = speaks(circumstances(terms=terms, headships=(heads_it("the chair"),)))
    assert (found.role, found.person_id) == (Role.DEPUTY, person("the deputy"))
