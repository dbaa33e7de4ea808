"""The duty desk has a named officer of the day, whom an officer of the authority changes (R0.3)."""

from uuid import uuid4

import pytest

from tests.store.membership.asking import OFFICER, OPS, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_inspection_calls import LED, asked, started, the_desk_is

OF_THE_DAY = "/authorities/937/desks/duty-desk/officer-of-the-day"


@pytest.fixture
async def desk(ask: Ask, abbey: Authority) -> Authority:
    await the_desk_is(abbey, ask)
    return abbey


async def test_whoever_asks_is_told_the_officer_of_the_day_who_was_named_last(ask: Ask, desk: Authority) -> None:
    """Mailbox and telephone stay, and no event tells it: whoever needs the desk asks when she needs it."""
    await desk.forget_said()
    newcomer = str(desk.people["newcomer"])
    answer = await ask(OF_THE_DAY, OFFICER, {"person_id": newcomer})
    assert (answer.status_code, answer.json()["officer_of_the_day"], answer.json()["changed"]) == (200, newcomer, True)
    shown = {"desk": "duty-desk", "mailbox": "duty@example.org", "telephone": "01632 960001"}
    assert (await ask("/authorities/937/desks", OFFICER)).json() == [
        {**shown, "officer_of_the_day": "Invented newcomer"}
    ]
    assert await desk.said() == []
    assert (await ask(OF_THE_DAY, OFFICER, {"person_id": newcomer})).json()["changed"] is False
    assert (await ask(OF_THE_DAY, OFFICER, {"person_id": None})).json()["officer_of_the_day"] is None


async def test_the_one_who_was_named_last_is_asked_about_an_inspection(ask: Ask, desk: Authority) -> None:
    """W-16: who was asked before her stays the one who was asked, and the card has the desk as it is."""
    call = await started(ask, LED)
    await ask(OF_THE_DAY, OFFICER, {"person_id": str(desk.people["newcomer"])})
    for _ in ("the chair", "the deputy"):
        await ask(f"/inspection-calls/{call['call_id']}/cannot", OFFICER, {})
    (*_, at_the_desk) = await desk.said("inspection-call.asked")
    assert (at_the_desk.data["role"], at_the_desk.data["person_id"]) == ("duty-desk", str(desk.people["newcomer"]))
    await ask(OF_THE_DAY, OFFICER, {"person_id": str(desk.people["officer"])})
    card = (await ask(f"/inspection-calls/{call['call_id']}", OFFICER)).json()
    assert card["speaker"]["desk"]["officer_of_the_day"] == "Invented officer"
    assert asked(card)[-1] == ("duty-desk", "waiting")
    assert (await desk.said("inspection-call.asked"))[-1].id == at_the_desk.id


async def test_a_desk_or_a_person_that_nobody_knows_is_refused_with_the_cure(ask: Ask, desk: Authority) -> None:
    path, person = "/authorities/937/desks/{}/officer-of-the-day", {"person_id": str(desk.people["newcomer"])}
    refused = await ask(path.format("improvement-desk"), OFFICER, person)
    assert refused.status_code == 404
    assert "937 has no improvement-desk here" in refused.json()["detail"]
    assert "`desks` of a take-on" in refused.json()["detail"]
    assert (await ask(path.format("front-desk"), OFFICER, person)).status_code == 422
    assert (await ask(OF_THE_DAY, OFFICER, {"person_id": str(uuid4())})).status_code == 404
    assert (await ask(OF_THE_DAY, OFFICER, {})).status_code == 422
    assert (await ask("/authorities/937/desks", OFFICER)).json()[0]["officer_of_the_day"] == "Invented officer"


async def test_only_an_officer_of_the_authority_names_one(ask: Ask, desk: Authority) -> None:
    """R0.8: whose desk it is."""
    nobody = {"person_id": None}
    assert (await ask(OF_THE_DAY, OPS, nobody)).status_code == 403
    assert (await ask(OF_THE_DAY, OFFICER, nobody, authority="801")).status_code == 403
    assert (await ask("/authorities/937/desks", OFFICER, authority="801")).status_code == 403


REACHED = "/authorities/937/desks/duty-desk/contact-details"


@pytest.mark.parametrize(
    ("given", "now"),
    [
        ({"telephone": "01632 960002"}, ("duty@example.org", "01632 960002")),
        ({"mailbox": "new@example.org"}, ("new@example.org", "01632 960001")),
    ],
)
async def test_how_a_desk_is_reached_is_changed_and_told_to_whoever_writes_to_it(
    ask: Ask, desk: Authority, given: dict[str, str], now: tuple[str, str]
) -> None:
    """W-16: urgent messages go to its mailbox and give its number; its officer of the day stays."""
    await desk.forget_said()
    answer = (await ask(REACHED, OFFICER, given)).json()
    assert (answer["mailbox"], answer["telephone"], answer["changed"]) == (*now, True)
    (said,) = await desk.said()
    assert (said.type, said.sensitivity, said.data["email"], said.data["telephone"]) == (
        "person.recorded", "personal", *now,
    )  # fmt: skip
    (shown,) = (await ask("/authorities/937/desks", OFFICER)).json()
    assert (shown["mailbox"], shown["telephone"], shown["officer_of_the_day"]) == (*now, "Invented officer")
    assert (await ask(REACHED, OFFICER, given)).json()["changed"] is False
    assert len(await desk.said()) == 1


async def test_how_a_desk_is_reached_is_no_empty_entry_and_not_for_others(ask: Ask, desk: Authority) -> None:
    """R0.3, R0.8"""
    nothing = await ask(REACHED, OFFICER, {})
    assert (nothing.status_code, "Enter what has changed" in nothing.json()["detail"]) == (422, True)
    for wrong in ({"telephone": " "}, {"telephone": None, "mailbox": "no address"}):
        assert (await ask(REACHED, OFFICER, wrong)).status_code == 422
    other = REACHED.replace("duty-desk", "improvement-desk")
    assert (await ask(other, OFFICER, {"telephone": "01632 960002"})).status_code == 404
    assert (await ask(REACHED, OPS, {"telephone": "01632 960002"})).status_code == 403
    assert (await ask(REACHED, OFFICER, {"telephone": "01632 960002"}, authority="801")).status_code == 403
