"""The ops team sees that every step of a restricted change was taken and where one is stuck, never whom it is about.

Not by a span, a line of the log, the label of a number or what it may ask (R0.8, N-04, docs/decisions/0026).
"""

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx2
import pytest

from services.membership.use_cases import la_category, restricted
from shared.auth.tokens import mint
from shared.contracts.envelope import unpack
from shared.contracts.membership import CategoryInForceChanged
from shared.contracts.registry import type_of
from shared.messaging.cause import new_id
from shared.messaging.consumer import Consumer
from shared.messaging.inbound import Inbound
from shared.messaging.records import Record
from shared.refusal import Refusal
from shared.settings import ServiceSettings
from shared.store import UnitOfWork
from shared.web import idempotency
from tests.who_may_know.routes import addresses
from tests.who_may_know.seen_by_ops import names_in, naming, what_ops_sees
from tests.who_may_know.viewers import VIEWERS
from tests.who_may_know.world import TODAY, World, X, Y, application_of, import_inspection, someone

pytestmark = pytest.mark.timeout(300)
LATER = date(2025, 1, 20)
OPS = VIEWERS["ops"]
Worlds = Callable[[], Awaitable[World]]


async def enter(world: World, service: str, path: str, body: dict[str, Any]) -> httpx2.Response:
    """As an officer does, and all services hear of what follows."""
    app = application_of(service)
    app.state.store, app.state.verifier = world.stores[service], world.verifier
    token = mint(world.private_key, subject="an officer", roles=["la.officer"], authorities=["937"])
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=f"http://{service}/api/v1") as client:
        answer = await client.post(path, json=body, headers=headers)
    await world.everybody_hears()
    return answer


ENTRY = {"category": 4, "from": TODAY.isoformat(), "reason": "A visit"}
ASPECT = {"evaluation_area": "quality of education", "from": TODAY.isoformat()}
REPORT = {
    **{"urn": Y, "inspection_number": "12345678", "kind": "graded", "headline": 4},
    **{"inspection_started_on": "2025-01-14", "published_on": "2025-01-17"},
}


async def the_main_job(world: World) -> None:
    """What the council keeps to itself, a report that is published, and what follows in every service."""
    told = {"told_on": TODAY.isoformat()}
    for service, path, body in (
        ("membership", f"/schools/{X}/la-category", ENTRY),
        ("meetings", f"/schools/{X}/vulnerable-aspects", ASPECT),
        ("membership", f"/schools/{X}/inspection-calls", {}),
        ("membership", f"/schools/{X}/told", told),
        ("membership", "/outcomes", {"outcomes": [REPORT]}),
        ("membership", f"/schools/{Y}/allocations", {"person_id": str(someone("leader")), "from": TODAY.isoformat()}),
        ("membership", f"/schools/{Y}/told", told),
    ):
        answer = await enter(world, service, path, body)
        assert answer.is_success, answer.text


async def test_no_span_line_or_number_of_the_main_job_says_whom_it_is_about(worlds: Worlds):
    world = await worlds()
    with what_ops_sees() as seen:
        await the_main_job(world)
    assert seen.naming_somebody() == []
    assert seen.span_names >= {
        "POST /api/v1/schools/{urn}/la-category",
        "POST /api/v1/schools/{urn}/vulnerable-aspects",
        "outcome.record",
        "representation.reassign",
        f"receive {type_of(CategoryInForceChanged).name}",
        "agenda.settle",
        "department.inform",
        "feed.publish",
    }


async def test_nothing_that_the_ops_team_may_ask_says_whom_the_main_job_is_about(worlds: Worlds):
    world = await worlds()
    await the_main_job(world)
    async with world.stores["notifications"].unit() as uow:
        rows = await uow.rows("select distinct correlation_id from journey where authority = '937'")
        stories = [row.correlation_id for row in rows]
    journeys = [(await ask_as_ops(world, "notifications", f"/journeys/{story}")).text for story in stories]
    assert all(json.loads(journey)["steps"] for journey in journeys), "it follows every change"
    assert naming(journeys) == []
    for path in ("/deliveries?limit=1000", "/messages?authority=937&limit=1000"):
        found = json.loads((await ask_as_ops(world, "notifications", path)).text)
        assert found, path
        assert naming(json.dumps(each) for each in found) == []
    about = await ask_as_ops(world, "notifications", f"/journeys?subject={X}")
    assert (about.status_code, "by its correlation id" in about.text) == (403, True)


async def test_what_is_wrong_with_a_line_of_a_file_is_read_by_officers_of_its_school_alone(worlds: Worlds):
    """The line, its value and what to do about it are a school; how many there are is not."""
    world = await worlds()
    await import_inspection(world, X, 3, TODAY, dry_run=False)
    asked = [each for each in addresses(world, ["la.officer", "la.ops"]) if "/imports" in each[1]]
    assert f"/api/v1/imports/{world.imports[0]}/problems.csv" in [address for _, address in asked]
    for name in ("ops", "officer of another authority"):
        given = [(await world.ask(service, address, VIEWERS[name])).text for service, address in asked]
        assert naming(given) == [], name
        assert any('"warnings_found":1' in each for each in given), name
    officer = [(await world.ask(service, address, VIEWERS["officer"])).text for service, address in asked]
    assert len(naming(officer)) == 2, "the import and its table, else there was nothing to hide"


async def ask_as_ops(world: World, service: str, path: str) -> Any:
    return await world.ask(service, f"/api/v1{path}", OPS)


class NotThisOne(Refusal):
    """As the rules of the sector refuse: in a sentence that names the school."""

    def __init__(self) -> None:
        super().__init__(f"School {X} ({X}) has been told: A visit, of Invented head x")


async def refuses(*_: Any, **__: Any) -> None:
    raise NotThisOne


async def stuck(world: World) -> Record:
    """A record of a restricted change that meetings can't take, by its consumer."""
    await world.do(restricted_entry)
    async with world.stores["membership"].unit() as uow:
        rows = await uow.rows(
            "select id, topic, key, headers, value from outbox where id > $1 and key like $2 order by id",
            world.read_up_to["membership"],
            f"%/{X}",
        )
    records = [Record(row.topic, 1, row.id, row.key, row.value, unpack(row.headers)) for row in rows]
    store = world.stores["meetings"]
    inbound = Inbound(reactions={CategoryInForceChanged: refuses})
    await Consumer(store, ServiceSettings(database_url=store.url), inbound, "meetings").settle(records)
    kind = type_of(CategoryInForceChanged).name.encode()
    return next(each for each in records if dict(each.headers)["ce_type"] == kind)


async def restricted_entry(uow: UnitOfWork) -> None:
    await la_category.set_la_category(
        uow, X, category=4, from_date=TODAY, reason="A visit", review_on=None, set_by="officer"
    )


async def test_a_stuck_record_is_found_by_its_place_and_not_by_its_school(worlds: Worlds):
    """Topic, partition, offset and event id: the same in the log and in what is parked."""
    world = await worlds()
    with what_ops_sees() as seen:
        record = await stuck(world)
    (line,) = [each for each in seen.lines if each["event"] == "inbox.parked"]
    listed, *behind = json.loads((await ask_as_ops(world, "meetings", "/parked")).text)
    place = {"topic": record.topic, "partition": 1, "offset": record.offset}
    place["event_id"] = dict(record.headers)["ce_id"].decode()
    assert {name: line[name] for name in place} == place
    assert {name: listed[name] for name in place} == place
    assert (listed["status"], listed["reason"], listed["detail"]) == ("parked", "handler", "NotThisOne")
    shown = (await ask_as_ops(world, "meetings", f"/parked/{listed['id']}")).text
    assert naming([json.dumps(listed), json.dumps(behind), shown]) == []
    assert seen.naming_somebody() == []
    officer = (await world.ask("meetings", f"/api/v1/parked/{listed['id']}", VIEWERS["officer"])).text
    assert names_in(officer), "an officer reads whom it is about, else nothing was hidden"


async def test_what_goes_wrong_is_logged_by_its_kind_and_place_and_not_by_its_words(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
):
    """A day that can't be done, and a request that fails: their errors quote a school and a person."""
    world = await worlds()
    assert (
        await enter(world, "membership", f"/schools/{X}/la-category", ENTRY | {"from": LATER.isoformat()})
    ).is_success
    monkeypatch.setattr(restricted, "_entry", refuses)
    with what_ops_sees() as seen:
        await world.it_is(LATER)
        monkeypatch.setattr(idempotency, "keep", refuses_unexpectedly)
        answer = await enter(world, "membership", f"/schools/{X}/inspection-calls", {})
    assert answer.status_code == 500
    said = {line["event"]: line for line in seen.lines}
    assert said["day.item_failed"]["error"] == "NotThisOne"
    assert said["request.failed"]["error"] == "ValueError"
    assert said["request.failed"]["correlation_id"] == answer.headers["X-Correlation-ID"]
    assert any("refuses" in frame for frame in said["request.failed"]["error_at"])
    assert seen.naming_somebody() == []


async def refuses_unexpectedly(*_: Any, **__: Any) -> None:
    raise ValueError(f"School {X} of Invented head x")
