"""Head, speakers, departments: a chair goes, the mailbox shows who was written to first (R0.8)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.demo import bodies
from infra.demo.registers import WARWICKSHIRE, schools
from shared.calendar import calendar
from shared.contracts.envelope import school_key
from tests.journeys.conftest import Whole

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

REASSIGNED = "representation.reassigned"


async def a_school_with_a_head(whole: Whole, taken: set[str]) -> tuple[str, dict[str, Any]]:
    """A maintained school for which a chair speaks, with a head of its own from now on."""
    membership = whole.consortia["membership"]
    for urn, school in sorted(schools().items()):
        if urn in taken or bodies.lead_body(school) is None:
            continue
        answer = await membership.get(f"/schools/{urn}/speaker", matter="general")
        if answer["role"] == "chair" and answer["category_in_force"].get("category") in (1, 2):
            head = str(uuid4())
            person = {
                "person_id": head,
                "name": "Invented Head",
                "email": f"head.{urn}@school.example",
                "telephone": None,
            }
            await membership.post(
                "/take-on",
                {
                    "authority": WARWICKSHIRE,
                    "people": [person],
                    "headships": [{"person_id": head, "urn": urn, "from": whole.today.isoformat()}],
                },
            )
            await whole.consortia.drain()
            return urn, person
    raise AssertionError("no school for which a chair speaks")


async def next_school_day(whole: Whole) -> None:
    """People are written to on school days only (R0.9)."""
    await whole.next_day()
    while not calendar().school_day(WARWICKSHIRE, whole.today).open:
        await whole.next_day()


def mails(whole: Whole, since: int) -> list[dict[str, Any]]:
    return [mail for mail in reversed(whole.stack.mailbox.mails()) if mail["number"] > since]


def last_number(whole: Whole) -> int:
    return max((mail["number"] for mail in whole.stack.mailbox.mails()), default=0)


async def test_the_head_is_written_to_first_then_the_speaker_then_the_departments_are_told(whole: Whole) -> None:
    """R0.8, D3.8: and before the school was told, nobody is but the council's own desk, which speaks for it (W-18)."""
    await next_school_day(whole)
    urn, head = await a_school_with_a_head(whole, {"125598"})
    membership = whole.consortia["membership"]
    since = last_number(whole)
    entered = await membership.post(
        f"/schools/{urn}/la-category",
        {"category": 3, "from": whole.today.isoformat(), "reason": "Standards have fallen for two years"},
    )
    await whole.consortia.drain()
    (alert,) = mails(whole, since)
    assert alert["to"] == ["duty-desk@warwickshire.example"], "nobody else is written to before the school was told"
    assert urn not in alert["subject"]
    assert "ategory" not in alert["body"]
    since = alert["number"]
    held = await membership.get("/held", authority=WARWICKSHIRE)
    assert (urn, "restricted") in {(each["urn"], each["class"]) for each in held}

    await membership.post(f"/schools/{urn}/told", {"told_on": whole.today.isoformat()})
    await whole.consortia.drain()
    received = mails(whole, since)
    assert "your school" in received[0]["subject"]
    assert [head["email"]] in [mail["to"] for mail in received]
    subjects = [mail["subject"] for mail in received]
    assert subjects == sorted(subjects, key=lambda subject: "your school" not in subject), "heads first"
    assert all(urn not in mail["subject"] and "ategory" not in mail["body"] for mail in received)
    journey = await whole.journey(entered.correlation_id)
    assert [each["stage"] for each in journey["telling"]] == ["speakers", "departments", "feed"]


async def test_departments_hear_of_a_public_change_after_head_and_speaker(whole: Whole) -> None:
    """R0.8: by the times at which the mail server and the department's receiver got it."""
    await next_school_day(whole)
    urn, head = await a_school_with_a_head(whole, set())
    since = last_number(whole)
    membership = whole.consortia["membership"]
    body_id = UUID(str(bodies.lead_body(schools()[urn]).id))  # type: ignore[union-attr]
    newcomer = str(uuid4())
    await membership.post(
        "/take-on",
        {
            "authority": WARWICKSHIRE,
            "people": [
                {
                    "person_id": newcomer,
                    "name": "Invented Chair",
                    "email": f"chair.{newcomer}@x.example",
                    "telephone": None,
                }
            ],
        },
    )
    began = datetime.now(UTC)
    changed = await membership.post(
        f"/bodies/{body_id}/change-of-office",
        {"post": "chair", "person_id": newcomer, "from": whole.today.isoformat(), "route": "meeting"},
    )
    await whole.consortia.drain()
    received = mails(whole, since)
    # A change of chair concerns many schools: their heads come first, then the new chair, in one e-mail.
    order = [mail["to"][0] for mail in received]
    assert order.index(head["email"]) < order.index(f"chair.{newcomer}@x.example")
    assert len(order) == len(set(order)), "one e-mail each"
    # The mail server, the service and this test share one clock.
    deliveries = await whole.consortia["notifications"].get(
        "/deliveries", department="school-improvement", correlation_id=changed.correlation_id
    )
    reassigned = [each for each in deliveries if REASSIGNED in each["type"]]
    assert school_key(WARWICKSHIRE, urn) in {each["key"] for each in reassigned}
    of_change = [mail for mail in received if datetime.fromisoformat(mail["received_at"]) >= began]
    last_mail = max(datetime.fromisoformat(mail["received_at"]) for mail in of_change)
    assert all(last_mail <= datetime.fromisoformat(each["created_at"]) for each in reassigned)
    journey = await whole.journey(changed.correlation_id)
    assert {each["why"] for each in journey["telling"]} <= {"told", "waits-by-rule", "nobody-to-tell"}
