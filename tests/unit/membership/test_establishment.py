"""Types of establishment: the table is the register's own file, and one school of each type is routed (R0.3, W-02)."""

import csv
from pathlib import Path

import pytest

from services.membership.domain.adopted import always
from services.membership.domain.establishment import TYPES, Sector, as_table, establishment_type, sector_of, type_code
from services.membership.domain.representation import route
from services.membership.domain.routing_policy import BRISTOL, WARWICKSHIRE, Matter, RoutingPolicy
from tests.unit.membership.known import DAY, a_school, allocated, circumstances, trust_contact

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "infra" / "demo" / "data" / "gias_establishment_types_20250422.csv"
PAGE = ROOT / "docs" / "establishment-types.md"


def test_the_table_has_every_type_of_the_registers_file_with_its_name_and_no_other() -> None:
    """R0.3"""
    with FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50  # further education and three others have a line for each kind
    listed = {row["type-of-establishment-code"]: row["type-of-establishment-name"] for row in rows}
    assert {code: each.name for code, each in TYPES.items()} == listed
    assert len(TYPES) == 39


def test_only_state_funded_academies_are_converters_and_every_maintained_school_is_state_funded() -> None:
    for each in TYPES.values():
        assert each.state_funded or each.sector is Sector.OTHER
        assert not each.converter or (each.sector is Sector.ACADEMY and "converter" in each.name)


def test_the_page_of_types_is_the_table() -> None:
    assert as_table() in PAGE.read_text()


def test_a_type_code_with_a_zero_before_it_is_the_same_type() -> None:
    assert type_code("02") == "2"
    assert establishment_type("02") is TYPES["2"]


@pytest.mark.parametrize("code", ["", "99", "academy"])
def test_a_type_in_no_table_is_unknown_and_the_duty_desk_answers(code: str) -> None:
    """R0.3"""
    assert sector_of(code) is Sector.UNKNOWN
    for policy in (WARWICKSHIRE, BRISTOL):
        assert spoken_for(code, policy, 2) == ("duty-desk", "duty-desk")


CHAIR, LEADER, CHIEF = "chair", "system-leader", "trust-chief-executive"
TRUST, DESK, COUNCIL, NOBODY = "trust", "duty-desk", "improvement-desk", "nobody"

# What the school is: who speaks under Warwickshire's policy (general and inspection) in Category 2 and in Category 4, and
# under Bristol's in any. Every school here has a body, an allocated system leader and, as an academy, a trust.
MAINTAINED = ((CHAIR, CHAIR), (LEADER, LEADER), (COUNCIL, COUNCIL))
ACADEMY = ((CHAIR, CHIEF), (TRUST, CHIEF), (TRUST, TRUST))
NEITHER = ((CHAIR, CHAIR), (CHAIR, CHAIR), (COUNCIL, COUNCIL))  # funded by the state, but not by the authority
OUTSIDE = ((NOBODY, NOBODY), (NOBODY, NOBODY), (NOBODY, NOBODY))  # not state-funded: nobody is named for it

KINDS = {
    "Community school": MAINTAINED,
    "Voluntary aided school": MAINTAINED,
    "Voluntary controlled school": MAINTAINED,
    "Foundation school": MAINTAINED,
    "City technology college": NEITHER,
    "Community special school": MAINTAINED,
    "Non-maintained special school": NEITHER,
    "Other independent special school": OUTSIDE,
    "Other independent school": OUTSIDE,
    "Foundation special school": MAINTAINED,
    "Pupil referral unit": MAINTAINED,
    "Local authority nursery school": MAINTAINED,
    "Further education": OUTSIDE,
    "Secure units": OUTSIDE,
    "Offshore schools": OUTSIDE,
    "Service children's education": OUTSIDE,
    "Miscellaneous": OUTSIDE,
    "Academy sponsor led": ACADEMY,
    "Higher education institutions": OUTSIDE,
    "Welsh establishment": OUTSIDE,
    "Sixth form centres": OUTSIDE,
    "Special post 16 institution": OUTSIDE,
    "Academy special sponsor led": ACADEMY,
    "Academy converter": ACADEMY,
    "Free schools": ACADEMY,
    "Free schools special": ACADEMY,
    "British schools overseas": OUTSIDE,
    "Free schools alternative provision": ACADEMY,
    "Free schools 16 to 19": ACADEMY,
    "University technical college": ACADEMY,
    "Studio schools": ACADEMY,
    "Academy alternative provision converter": ACADEMY,
    "Academy alternative provision sponsor led": ACADEMY,
    "Academy special converter": ACADEMY,
    "Academy 16-19 converter": ACADEMY,
    "Academy 16 to 19 sponsor led": ACADEMY,
    "Online provider": OUTSIDE,
    "Institution funded by other government department": OUTSIDE,
    "Academy secure 16 to 19": ACADEMY,
}


def spoken_for(code: str, policy: RoutingPolicy, category: int) -> tuple[str, str]:
    """Who speaks for a school of this type, on a general matter and at an inspection."""
    academy = sector_of(code) is Sector.ACADEMY
    school = a_school(type_code=code, trust_id="7001" if academy else None)
    if not school.is_spoken_for():
        return NOBODY, NOBODY
    around = circumstances(
        school,
        policies=always(policy),
        allocations=(allocated("the leader"),),
        trust_contacts=(trust_contact("chief-executive", "the chief"),),
    )
    general, inspection = (route(around, matter, DAY, category).role.value for matter in Matter)
    return general, inspection


def test_every_type_has_its_test_school() -> None:
    assert list(KINDS) == [each.name for each in TYPES.values()]


@pytest.mark.parametrize(("code", "name"), [(each.code, each.name) for each in TYPES.values()])
def test_a_school_of_each_type_is_spoken_for_as_its_kind_is(code: str, name: str) -> None:
    """R0.3, W-02, W-17 to W-19: both matters, both authorities."""
    in_category_2, in_category_4, in_bristol = KINDS[name]
    assert spoken_for(code, WARWICKSHIRE, 2) == in_category_2
    assert spoken_for(code, WARWICKSHIRE, 4) == in_category_4
    assert {spoken_for(code, BRISTOL, category) for category in (1, 2, 3, 4)} == {in_bristol}
