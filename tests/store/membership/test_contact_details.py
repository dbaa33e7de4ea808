"""Another name, e-mail address or telephone number: whoever writes to a person writes to the one of that day (D3.9)."""

from typing import Any
from uuid import uuid4

import pytest

from tests.store.membership.asking import FINANCE, HEAD, OFFICER, Ask
from tests.store.membership.conftest import Authority

CHAIR = {"name": "Invented chair", "email": "chair@example.org", "telephone": None}


def details(abbey: Authority) -> str:
    return f"/people/{abbey.people['chair']}/contact-details"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"email": "new@example.org"}, {"email": "new@example.org"}),
        ({"telephone": "01632 960002"}, {"telephone": "01632 960002"}),
        ({"name": "Invented again", "email": "a@example.org"}, {"name": "Invented again", "email": "a@example.org"}),
    ],
)
async def test_what_an_officer_changes_of_a_person_is_known_and_told_and_the_rest_stays(
    ask: Ask, abbey: Authority, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    await abbey.forget_said()
    answer = await ask(details(abbey), OFFICER, given)
    assert (answer.status_code, answer.json()["changed"]) == (200, True)
    (said,) = await abbey.said()
    assert said.type == "person.recorded"
    assert said.sensitivity == "personal"
    assert {**said.data, "person_id": None} == {**CHAIR, **expected, "person_id": None}
    known = (await ask("/schools/900003/speaker", OFFICER)).json()["person"]
    assert {name: known[name] for name in CHAIR} == CHAIR | expected


async def test_a_telephone_number_can_be_taken_away_and_what_is_so_already_tells_nobody(
    ask: Ask, abbey: Authority
) -> None:
    await ask(details(abbey), OFFICER, {"telephone": "01632 960002"})
    await abbey.forget_said()
    assert (await ask(details(abbey), OFFICER, {"telephone": "01632 960002"})).json()["changed"] is False
    assert await abbey.said() == []
    assert (await ask(details(abbey), OFFICER, {"telephone": None})).json()["changed"] is True
    assert [each.data["telephone"] for each in await abbey.said()] == [None]


@pytest.mark.parametrize(
    ("given", "says"), [({}, "Enter what has changed"), ({"email": "no address"}, ""), ({"name": " "}, "")]
)
async def test_nothing_and_what_is_no_address_is_refused(
    ask: Ask, abbey: Authority, given: dict[str, Any], says: str
) -> None:
    answer = await ask(details(abbey), OFFICER, given)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


async def test_an_officer_finds_the_people_of_her_own_authority_by_name_with_their_posts_and_nothing_restricted(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: names behind sign-in; whom an authority has allocated to a school, which may not know it yet, is said elsewhere."""
    await abbey.do(lambda uow: uow.execute("update person set authority = '801' where name = 'Invented deputy'"))
    found = {each["name"]: each for each in (await ask("/people?authority=937", OFFICER)).json()}
    assert found.keys() == {f"Invented {name}" for name in abbey.people.keys() - {"deputy"}}
    assert {name for each in found.values() for name in each} == {"person_id", "name", "posts"}
    assert found["Invented chair"]["posts"] == ["head of School 900001 (900001)", "chair of Abbey"]
    assert found["Invented leader"]["posts"] == []  # of her school she is a system leader
    assert found["Invented chief"]["posts"] == ["chief executive of trust 7001"]
    (one,) = (await ask("/people?authority=937&name=CHAIR", OFFICER)).json()
    assert one["person_id"] == str(abbey.people["chair"])
    for who in (FINANCE, HEAD, OFFICER | {"authorities": ["801"]}):
        assert (await ask("/people?authority=937", who)).status_code == 403


async def test_a_person_whom_nobody_knows_has_no_address(ask: Ask) -> None:
    answer = await ask(f"/people/{uuid4()}/contact-details", OFFICER, {"email": "a@example.org"})
    assert answer.status_code == 404


async def test_a_take_on_with_another_address_or_name_leaves_what_is_known_and_says_so(
    ask: Ask, abbey: Authority
) -> None:
    """Passed over in silence, every message would go on to the old address."""
    chair = {"person_id": str(abbey.people["chair"]), "name": CHAIR["name"], "email": CHAIR["email"]}
    body = {
        "body_id": str(abbey.body_id),
        "kind": "primary-consortium",
        "name": "Abbey",
        "area": "Central",
        "opened_on": "2023-09-01",
        "award_pence": 500_000,
    }
    same = await ask("/take-on", OFFICER, {"authority": "937", "people": [chair], "bodies": [body]})
    assert (same.status_code, same.json()["notes"]) == (201, [])
    part = {"people": [chair | {"email": "new@example.org"}], "bodies": [body | {"name": "Abbey and Beech"}]}
    sent = await ask("/take-on", OFFICER, {"authority": "937", **part})
    person, group = sent.json()["notes"]
    assert chair["person_id"] in person
    assert "`consortia person change`" in person
    assert "Abbey and Beech" in group
    known = (await ask("/schools/900003/speaker", OFFICER)).json()
    assert (known["person"]["email"], known["body_name"]) == (CHAIR["email"], "Abbey")
