"""Who chairs a school's governors and who is in post at a trust, told as a whole whenever something of it changes (R0.8)."""

from datetime import date
from typing import Any

from services.membership.domain.appointment import TrustContact
from services.membership.domain.governors import ChairOfGovernors
from services.membership.domain.office import Correction
from services.membership.store.lines_to_tell import CHAIRS, CONTACTS
from services.membership.use_cases import governors, trust_contacts
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.use_cases.tell_lines import tell_what_stands
from tests.store.membership.conftest import START, Authority, line

SCHOOL, LARCH, CHIEF, PARTNER = "900002", "7001", "chief-executive", "school-improvement-partner"
TOLD = ("chairs-of-governors.recorded", "trust-contacts.recorded")
JULY, SEPTEMBER = date(2024, 7, 22), date(2024, 9, 1)

Line = list[tuple[str, str, str | None]]


async def told(abbey: Authority) -> list[tuple[str, Line]]:
    """The key, and who from when until when; of a trust with the post."""
    names = {str(person): name for name, person in abbey.people.items()}

    def held(each: dict[str, Any]) -> tuple[str, str, str | None]:
        return f"{each.get('post', '')} {names[each['person_id']]}".strip(), each["from_date"], each["until"]

    return [
        (each.key, [held(one) for one in each.data.get("chairs", each.data.get("contacts"))])
        for each in await abbey.said(*TOLD)
    ]


async def takes_the_chair(abbey: Authority, who: str, since: date) -> None:
    await abbey.do(
        lambda uow: governors.take_the_chair(uow, SCHOOL, person_id=abbey.people[who], from_date=since, until=None)
    )


async def enter(abbey: Authority, who: str, since: date, post: str = CHIEF) -> None:
    contact = TrustContact(LARCH, post, abbey.people[who], since, None)
    await abbey.do(lambda uow: take_on(uow, TakenOn("937", trust_contacts=[contact])))


async def test_whoever_comes_to_chair_the_governors_and_whoever_leaves_the_chair_changes_the_line(
    abbey: Authority,
) -> None:
    """Also of days to come: whoever writes to her asks on the day."""
    await abbey.forget_said()
    await takes_the_chair(abbey, "newcomer", START)
    await takes_the_chair(abbey, "deputy", SEPTEMBER)
    await abbey.do(lambda uow: governors.leave_the_chair(uow, SCHOOL, ended_on=SEPTEMBER))
    first = ("newcomer", "2023-09-01", "2024-09-01")
    assert await told(abbey) == [
        ("937/school/900002", [("newcomer", "2023-09-01", None)]),
        ("937/school/900002", [first, ("deputy", "2024-09-01", None)]),
        ("937/school/900002", [first]),
    ]


async def test_chairs_that_are_taken_on_are_told_school_by_school_and_only_where_they_are_new(abbey: Authority) -> None:
    await abbey.forget_said()
    given = TakenOn(
        "937",
        chairs_of_governors=[
            ChairOfGovernors(urn, abbey.people["newcomer"], START, None) for urn in (SCHOOL, "900003")
        ],
    )
    for _ in range(2):
        await abbey.do(lambda uow: take_on(uow, given))
    line_of_each = [("newcomer", "2023-09-01", None)]
    assert await told(abbey) == [("937/school/900002", line_of_each), ("937/school/900003", line_of_each)]


async def test_whoever_comes_to_a_post_of_a_trust_leaves_it_or_never_held_it_changes_the_line(
    abbey: Authority,
) -> None:
    await abbey.on(JULY)
    await abbey.forget_said()
    await abbey.do(lambda uow: trust_contacts.end_trust_contact(uow, LARCH, CHIEF, ended_on=SEPTEMBER))
    await enter(abbey, "newcomer", SEPTEMBER)
    correction = Correction(person_id=abbey.people["deputy"])
    await abbey.do(
        lambda uow: trust_contacts.correct_trust_contact(
            uow, LARCH, CHIEF, correction, on=SEPTEMBER, reason="A slip", corrected_by="officer"
        )
    )
    await abbey.do(
        lambda uow: trust_contacts.withdraw_trust_contact(
            uow, LARCH, CHIEF, on=SEPTEMBER, reason="A slip", withdrawn_by="officer"
        )
    )
    left, follows = ("chief-executive chief", "2023-09-01", "2024-09-01"), ("2024-09-01", None)
    assert await told(abbey) == [
        ("937/trust/7001", [left]),
        ("937/trust/7001", [left, ("chief-executive newcomer", *follows)]),
        ("937/trust/7001", [left, ("chief-executive deputy", *follows)]),
        ("937/trust/7001", [left]),
    ]


async def test_a_trust_with_schools_in_two_authorities_is_told_once(abbey: Authority) -> None:
    """Under the first of them: who is in post there is the same in both."""
    bristols = line("900099", authority="801", type_code="34", trust_id=LARCH, trust_name="Larch Trust")
    await abbey.do(lambda uow: keep_schools(uow, [bristols]))
    await abbey.forget_said()
    await enter(abbey, "newcomer", START, PARTNER)
    [(key, posts)] = await told(abbey)
    assert (key, len(posts)) == ("801/trust/7001", 2)


async def test_neither_a_name_nor_anything_restricted_is_in_what_is_told(abbey: Authority) -> None:
    """N-04"""
    await takes_the_chair(abbey, "newcomer", START)
    for each in await abbey.said(*TOLD):
        assert (each.told, each.sensitivity) == (True, "internal")
        assert "Invented" not in str(each.data)


async def test_the_lines_that_stand_when_this_release_comes_are_told_once(abbey: Authority) -> None:
    """Those of its schools and trusts that were recorded before, as they are by then."""
    await takes_the_chair(abbey, "newcomer", START)
    await abbey.forget_said()
    marks = [(CHAIRS, SCHOOL), (CONTACTS, LARCH), (CONTACTS, "nowhere")]
    for kind, subject in marks:
        await abbey.do(lambda uow, row=(kind, subject): uow.execute("insert into line_to_tell values ($1, $2)", *row))  # type: ignore[misc]
    for _ in range(2):
        await tell_what_stands(abbey.store)
    assert await told(abbey) == [
        ("937/school/900002", [("newcomer", "2023-09-01", None)]),
        ("937/trust/7001", [("chief-executive chief", "2023-09-01", None)]),
    ]


async def test_an_authority_is_taken_on_with_its_lines(abbey: Authority) -> None:
    assert await told(abbey) == [("937/trust/7001", [("chief-executive chief", "2023-09-01", None)])]
