"""N-01, N-02, N-03, R0.8: which department is informed of what."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.departments import (
    CLASSES,
    AllowList,
    AllowLists,
    Department,
    Fact,
    Verdict,
    without_version,
)
from services.notifications.use_cases.pass_on import ALLOW_LISTS, LISTS
from shared.contracts import funding, meetings, membership, notifications
from shared.contracts.registry import EventData, Sensitivity, all_event_types, type_of
from shared.contracts.topics import all_topics

TODAY = date(2026, 3, 2)
OTHERS = (Department.FINANCE, Department.GOVERNANCE)
EVERYTHING = frozenset(without_version(kind.name) for kind in all_event_types())


def fact(model: type[EventData], **changes: object) -> Fact:
    kind = type_of(model)
    stated = {
        "authority": "937",
        "type": kind.name,
        "sensitivity": kind.sensitivity.value,
        "type_sensitivity": kind.sensitivity.value,
        "told": True,
    }
    return Fact(**{**stated, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "model",
    [
        membership.CategoryInForceChanged,
        membership.RepresentationReassigned,
        membership.LaCategorySet,
        membership.LaCategoryLifted,
        membership.AllocationMade,
        membership.OutcomePublished,
        meetings.AgendaItemPlaced,
        meetings.VulnerableAspectRecorded,
        meetings.VulnerableAspectWithdrawn,
    ],
)
def test_the_change_of_a_school_goes_to_school_improvement(model):
    """N-01"""
    assert LISTS.verdicts(fact(model), TODAY)[Department.SCHOOL_IMPROVEMENT] is Verdict.INFORM


@pytest.mark.parametrize("model", [funding.AwardOpened, funding.AwardAdjusted])
def test_an_award_goes_to_finance_alone(model):
    """N-02, W-31"""
    assert LISTS.verdicts(fact(model), TODAY) == {Department.FINANCE: Verdict.INFORM}


@pytest.mark.parametrize("model", [membership.OfficeTakenUp, membership.OfficeEnded])
def test_a_term_of_office_goes_to_governance_and_school_improvement_but_not_to_finance(model):
    """N-03"""
    assert set(LISTS.verdicts(fact(model), TODAY)) == {Department.GOVERNANCE, Department.SCHOOL_IMPROVEMENT}


RESTRICTED = [kind for kind in all_event_types() if kind.sensitivity not in (Sensitivity.PUBLIC, Sensitivity.INTERNAL)]


@pytest.mark.parametrize("kind", RESTRICTED, ids=lambda kind: kind.name)
@pytest.mark.parametrize("authority", ["937", "801"])
def test_no_type_of_a_restricted_class_reaches_finance_or_governance(kind, authority):
    """N-02, N-03, R0.8"""
    verdicts = LISTS.verdicts(fact(kind.model, authority=authority), TODAY)
    assert not set(verdicts) & set(OTHERS)


@pytest.mark.parametrize("department", OTHERS)
@pytest.mark.parametrize("sensitivity", ["restricted", "confidential", "personal"])
@pytest.mark.parametrize("told", [True, False])
def test_a_restricted_record_of_an_allowed_type_stays_in(department, sensitivity, told):
    """R0.8: the class decides, whatever the list says."""
    careless = AllowLists([AllowList("937", department, 1, date(2000, 1, 1), EVERYTHING)])
    assert careless.verdicts(fact(membership.OfficeTakenUp, sensitivity=sensitivity, told=told), TODAY) == {}
    assert careless.verdicts(fact(membership.OfficeTakenUp), TODAY) != {}


@pytest.mark.parametrize("department", OTHERS)
def test_a_restricted_type_that_its_producer_calls_internal_stays_in_too(department):
    """R0.8"""
    careless = AllowLists([AllowList("937", department, 1, date(2000, 1, 1), EVERYTHING)])
    assert careless.verdicts(fact(membership.LaCategorySet, sensitivity="internal"), TODAY) == {}


@pytest.mark.parametrize("department", list(Department))
def test_a_persons_name_reaches_no_department(department):
    careless = AllowLists([AllowList("937", department, 1, date(2000, 1, 1), EVERYTHING)])
    assert careless.verdicts(fact(membership.PersonRecorded), TODAY) == {}


def test_nobody_is_informed_that_a_department_was_informed():
    assert LISTS.verdicts(fact(notifications.DepartmentInformed), TODAY) == {}


def test_before_the_school_is_told_only_school_improvement_is_informed_and_the_others_wait():
    """R0.8, D3.8"""
    assert LISTS.verdicts(fact(membership.OfficeTakenUp, told=False), TODAY) == {
        Department.SCHOOL_IMPROVEMENT: Verdict.INFORM,
        Department.GOVERNANCE: Verdict.HOLD,
    }


def test_an_authority_without_departments_informs_nobody():
    assert LISTS.verdicts(fact(membership.OfficeTakenUp, authority="999"), TODAY) == {}


def test_a_later_version_of_a_list_counts_from_its_day():
    award = without_version(type_of(funding.AwardOpened).name)
    first = AllowList("937", Department.FINANCE, 1, date(2025, 1, 1), frozenset({award}))
    second = AllowList("937", Department.FINANCE, 2, date(2026, 4, 1), frozenset())
    lists = AllowLists([second, first])
    assert lists.verdicts(fact(funding.AwardOpened), date(2024, 12, 31)) == {}
    assert lists.verdicts(fact(funding.AwardOpened), date(2026, 3, 31)) == {Department.FINANCE: Verdict.INFORM}
    assert lists.verdicts(fact(funding.AwardOpened), date(2026, 4, 1)) == {}


def test_every_type_on_a_list_is_a_published_type():
    assert {each for allow_list in ALLOW_LISTS for each in allow_list.types} <= EVERYTHING


@pytest.mark.parametrize("department", list(Department))
def test_whoever_is_informed_of_a_thing_is_informed_of_it_in_its_next_version(department):
    """D3.11: when a producer switches nobody is left without news, and nothing need be added to a list."""
    for allow_list in (each for each in ALLOW_LISTS if each.department is department):
        for thing in allow_list.types:
            told = Fact(allow_list.authority, f"{thing}.v2", "public", "public", told=True)
            assert LISTS.verdicts(told, TODAY)[department] is Verdict.INFORM


def test_a_next_version_that_tells_more_than_a_department_may_know_stays_in():
    """D3.11, R0.8: its own class decides."""
    next_version = "consortia.membership.office.taken-up.v2"
    told = fact(membership.OfficeTakenUp, type=next_version)
    assert set(LISTS.verdicts(told, TODAY)) == {Department.GOVERNANCE, Department.SCHOOL_IMPROVEMENT}
    told = fact(membership.OfficeTakenUp, type=next_version, type_sensitivity="restricted")
    assert set(LISTS.verdicts(told, TODAY)) == {Department.SCHOOL_IMPROVEMENT}


@given(
    types=st.frozensets(st.sampled_from(sorted(EVERYTHING))),
    kind=st.sampled_from(all_event_types()),
    sensitivity=st.sampled_from(CLASSES),
    told=st.booleans(),
    department=st.sampled_from(OTHERS),
)
def test_whatever_the_list_and_the_record_finance_and_governance_see_nothing_restricted_or_untold(
    types, kind, sensitivity, told, department
):
    """R0.8, I13"""
    lists = AllowLists([AllowList("937", department, 1, date(2000, 1, 1), types)])
    verdict = lists.verdicts(fact(kind.model, sensitivity=sensitivity, told=told), TODAY).get(department)
    if verdict is Verdict.INFORM:
        assert {sensitivity, kind.sensitivity.value} <= {"public", "internal"}
        assert told
        assert without_version(kind.name) in types


def test_the_departments_that_have_a_list_are_those_that_have_a_topic():
    """N-01: a topic without a list is never written; for a list without a topic every record would be parked (I9)."""
    topics = {(each.authority, each.department) for each in all_topics() if each.department}
    assert {(each.authority, str(each.department)) for each in ALLOW_LISTS} == topics
