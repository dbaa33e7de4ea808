"""The contact of a body over HTTP: of whom asks, then and now (R0.3a, R0.4, W-15)."""

from datetime import date

from services.membership.use_cases import offices
from tests.store.membership.asking import FINANCE, OFFICER, Ask
from tests.store.membership.conftest import START, Authority

FEBRUARY, MARCH, JUNE = date(2024, 2, 1), date(2024, 3, 1), date(2024, 6, 3)


async def change_chair(abbey: Authority, name: str, on: date) -> None:
    await abbey.do(lambda uow: offices.change_office(
        uow, abbey.body_id, post="chair", person_id=abbey.people[name], from_date=on, route="meeting"
    ))  # fmt: skip


async def test_a_chair_who_asks_is_given_her_deputy_and_not_herself(ask: Ask, abbey: Authority) -> None:
    """R0.3a: it is known from her sign-in who asks; an officer asks for her by her id."""
    path, who = f"/bodies/{abbey.body_id}/contact", abbey.people
    chair, deputy = ({"roles": [role, "headteacher"], "subject": str(who[role])} for role in ("chair", "deputy"))
    assert (await ask(path, chair)).json()["person_id"] == str(who["deputy"])
    assert (await ask(path, deputy)).json()["person_id"] == str(who["chair"])
    assert (await ask(path, OFFICER)).json()["person_id"] == str(who["chair"])
    assert (await ask(f"{path}?asked_by={who['chair']}", OFFICER)).json()["person_id"] == str(who["deputy"])


async def test_of_a_past_day_it_is_the_contact_as_known_then_beside_the_one_by_what_is_known_today(
    ask: Ask, abbey: Authority
) -> None:
    """R0.3, R0.4: each with its reason, rule, version and validity."""
    path, who = f"/bodies/{abbey.body_id}/contact", abbey.people
    await abbey.on(MARCH)
    await change_chair(abbey, "newcomer", FEBRUARY)  # entered a month late
    await change_chair(abbey, "officer", JUNE)
    then = (await ask(f"{path}?on=2024-02-10", FINANCE)).json()
    assert (then["person_id"], then["valid_from"], then["valid_until"]) == (
        str(who["chair"]), START.isoformat(), MARCH.isoformat(),
    )  # fmt: skip
    assert (then["rule"], then["policy"], then["policy_version"]) == ("chair", "warwickshire", 1)
    beside = then["as_known_today"]
    assert (beside["person_id"], beside["person"]["name"]) == (str(who["newcomer"]), "Invented newcomer")
    now = (await ask(path, FINANCE)).json()
    assert (now["person_id"], now["valid_from"], now["valid_until"]) == (
        str(who["newcomer"]), MARCH.isoformat(), JUNE.isoformat(),
    )  # fmt: skip
    assert "as_known_today" not in now
    planned = (await ask(f"{path}?on=2024-07-01", FINANCE)).json()
    assert (planned["person_id"], planned["valid_from"], planned["planned"]) == (
        str(who["officer"]), JUNE.isoformat(), True,
    )  # fmt: skip


async def test_of_a_day_before_anybody_was_entered_the_duty_desk_was_the_contact(ask: Ask, abbey: Authority) -> None:
    """R0.4, W-15: that the chair was in office by then was known only when she was taken on."""
    await abbey.on(MARCH)
    then = (await ask(f"/bodies/{abbey.body_id}/contact?on=2023-01-10", FINANCE)).json()
    assert (then["role"], then["body_name"], then["valid_until"]) == ("duty-desk", "Abbey", START.isoformat())
