"""The two authorities as the demo takes them on: their bodies fit the papers, every word fits the form of a take-on."""

from collections import Counter
from datetime import date

import pytest

from infra.demo import bodies, invented, people, places
from infra.demo.calendar import half_terms, meetings
from infra.demo.registers import BRISTOL, GO_LIVE, WARWICKSHIRE, schools
from services.membership.web.take_on import TakeOn

TODAY = date(2026, 9, 1)


def of_kind(kind: str) -> list[bodies.Body]:
    return [body for body in bodies.warwickshire() if body.kind == kind]


@pytest.mark.parametrize("authority", [WARWICKSHIRE, BRISTOL])
def test_every_document_fits_the_form_of_a_take_on(authority: str) -> None:
    documents = bodies.take_on(authority)
    assert min(documents) == GO_LIVE
    for document in documents.values():
        TakeOn.model_validate(document)


def test_warwickshire_has_fourteen_consortia_of_8_to_22_schools_four_networks_and_one_special_group() -> None:
    """W-01"""
    consortia = of_kind("primary-consortium")
    assert len(consortia) == 14
    for on in (GO_LIVE, TODAY):
        sizes = [sum(school.open_on(on) for school in body.members) for body in consortia]
        assert all(8 <= size <= 22 for size in sizes), sizes
    assert len(of_kind("area-network")) == 4
    assert len(of_kind("special-group")) == 1
    assert {area for body in of_kind("area-analysis-group") for area in body.areas} == set(places.AREAS)


def test_only_consortia_and_networks_have_an_award() -> None:
    """W-31: eighteen bodies, 90,000 pounds a year."""
    awards = [body.award_pence for body in (*bodies.warwickshire(), *bodies.bristol()) if body.award_pence]
    assert awards == [500_000] * 18
    assert {body.kind for body in bodies.warwickshire() if body.award_pence} == {"primary-consortium", "area-network"}


def test_every_open_primary_nursery_and_secondary_is_in_the_body_of_its_place() -> None:
    """W-02"""
    for school in schools().values():
        if school.authority != WARWICKSHIRE:
            continue
        kinds = Counter(body.kind for body in bodies.bodies_of(school.urn))
        expected = {
            "Primary": {"primary-consortium"},
            "Nursery": {"primary-consortium"},
            "Secondary": {"area-network"},
            "All-through": {"primary-consortium", "area-network"},
            "Special": {"special-group"},
        }.get(school.phase, set())
        assert kinds == Counter(expected), school


def test_an_all_through_school_is_led_by_the_network_of_its_highest_phase() -> None:
    """R0.3: Aylesford is in a consortium and in a network; its network's chair counts for it."""
    aylesford = schools()["137770"]
    assert {body.name for body in bodies.bodies_of("137770")} == {"Warwick consortium", "Central area network"}
    lead = bodies.lead_body(aylesford)
    assert lead is not None
    assert lead.kind == "area-network"


def test_every_district_of_a_state_funded_school_lies_in_exactly_one_area_and_one_consortium() -> None:
    districts = {school.district for school in schools().values() if school.authority == WARWICKSHIRE}
    for district in districts:
        assert sum(district in of_area for of_area in places.AREAS.values()) == 1, district
        assert sum(district in of_body for _, _, of_body in places.CONSORTIA) == 1, district
    assert not districts & set(places.NO_AREA)


def test_chair_and_deputy_are_two_heads_of_good_or_outstanding_member_schools_and_hold_one_office_each() -> None:
    """W-04, W-06, W-08"""
    holders = [head for body in bodies.warwickshire() for head in (body.chair, body.deputy) if head]
    assert len({school.urn for school in holders}) == len(holders)
    for body in bodies.warwickshire():
        for head in (body.chair, body.deputy):
            assert head is None or head in body.members


def test_no_system_leader_is_allocated_to_the_school_that_she_heads() -> None:
    """W-18"""
    for allocation in people.ALLOCATIONS:
        assert schools()[allocation.urn].maintained
        assert allocation.leader != people.head_of(allocation.urn)


def test_bristol_has_sixteen_seats_and_no_member_schools() -> None:
    """B-42"""
    assert len(people.bristol_seats()) == 16
    assert all("memberships" not in document for document in bodies.take_on(BRISTOL).values())


def test_no_two_invented_people_share_a_name_or_an_id() -> None:
    cast = {person.id: person for authority in (WARWICKSHIRE, BRISTOL) for person in bodies.everybody(authority)}
    assert len({person.name for person in cast.values()}) == len(cast)
    assert all(person.id.version == 4 for person in cast.values())
    assert invented.body_id("x").version == 7


def test_heads_meet_twice_a_term_and_each_area_analysis_group_in_each_half_term() -> None:
    """W-12"""
    assert len(half_terms()) == 24
    year = [call for call in meetings() if date(2025, 9, 1) <= call.on < date(2026, 9, 1)]
    assert set(Counter(call.body_id for call in year).values()) == {6}
    assert {call.body_id for call in year} == {body.id for body in bodies.warwickshire()}
