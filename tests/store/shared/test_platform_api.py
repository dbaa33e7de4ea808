"""What those who run a service may see and do: its clock, what is parked, how far it has got."""

from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from shared.contracts.envelope import Envelope, person_key, school_key
from shared.contracts.registry import Sensitivity
from shared.messaging.cause import Cause
from shared.messaging.parking import ParkedRecord, park
from shared.store import Store
from shared.web.application import application
from tests.store.shared.conftest import Tokens

PEOPLE = "consortia.membership.people.v1"
EVENTS = "consortia.membership.events.v1"
SECRET = b'{"name": "Example Headteacher"}'
PERSON = UUID("5b0c2f9e-3a41-4f7d-8e26-90d1c4b7a801")
EVENT = "01938e1c-7c40-7000-8000-0000000000e1"


@pytest.fixture
def app(store: Store, tokens: Tokens) -> FastAPI:
    return application("meetings", [], store=store, verifier=tokens.verifier, test_clock=True)


async def parked(
    store: Store,
    key: str,
    sensitivity: Sensitivity,
    *,
    topic: str = EVENTS,
    reason: str = "schema",
    detail: str = "urn: missing",
    event_id: str | None = EVENT,
) -> str:
    """One parked message that blocks nothing; its id."""
    offset = await store.run(lambda uow: uow.value("select count(*) from parked"))
    cause = Cause.story()
    async with store.unit() as uow:
        headers = Envelope(
            id=UUID(EVENT),
            source="/consortia/membership",
            type="consortia.membership.la-category.set.v1",
            subject=key.rsplit("/", 1)[-1],
            time=uow.now,
            epoch=1,
            sequence=1,
            correlation_id=cause.correlation_id,
            causation_id=None,
            traceparent=None,
            sensitivity=sensitivity,
            told=True,
            batch_id=None,
        ).headers()
        record = ParkedRecord(
            topic=topic,
            partition=0,
            offset=offset,
            key=key,
            epoch=1,
            sequence=1,
            event_id=event_id,
            type="consortia.membership.la-category.set.v1",
            status="aside",
            reason=reason,
            detail=detail,
            headers=[(name, value.encode()) for name, value in headers],
            value=SECRET,
        )
        await park(uow, [record])
    found = await store.run(lambda uow: uow.value('select id from parked where "offset" = $1', offset))
    return str(found)


async def shown(
    client: httpx2.AsyncClient, tokens: Tokens, parked_id: str, *roles: str, authority: str = "937"
) -> httpx2.Response:
    headers = tokens.headers(*roles, key=None, authorities=(authority,))
    return await client.get(f"/api/v1/parked/{parked_id}", headers=headers)


@pytest.mark.parametrize(
    ("key", "sensitivity", "topic"),
    [
        (person_key("937", PERSON), Sensitivity.PERSONAL, PEOPLE),
        (person_key("937", PERSON), Sensitivity.PUBLIC, PEOPLE),
        (school_key("937", "990017"), Sensitivity.RESTRICTED, EVENTS),
        (school_key("937", "990017"), Sensitivity.CONFIDENTIAL, EVENTS),
        (school_key("937", "990017"), Sensitivity.PUBLIC, EVENTS),
        ("990017", Sensitivity.PUBLIC, EVENTS),
    ],
    ids=["personal", "personal, mislabelled", "restricted", "confidential", "public", "of no authority"],
)
async def test_the_ops_team_sees_where_a_message_is_and_never_whom_it_is_about(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens, key: str, sensitivity: Sensitivity, topic: str
):
    """R0.8, N-04: of a public record neither, since it may be of one story with a restricted one."""
    answer = await shown(client, tokens, await parked(store, key, sensitivity, topic=topic), "la.ops")
    found = answer.json()
    assert (found["topic"], found["partition"], found["offset"], found["event_id"]) == (topic, 0, 0, EVENT)
    assert (found["headers"]["ce_id"], found["headers"]["ce_dataclassification"]) == (EVENT, sensitivity.value)
    assert found["authority"] == ("937" if "937" in key else None)
    assert found["key"] is None
    assert not any(word in answer.text for word in ("Example Headteacher", "990017", str(PERSON)))
    listed = await client.get("/api/v1/parked", headers=tokens.headers("la.ops", key=None))
    assert not any(word in listed.text for word in ("Example Headteacher", "990017", str(PERSON)))


async def test_the_ops_team_sees_no_header_of_a_record_without_an_envelope(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens
):
    """Any of them may hold anything: R0.8"""
    detail = "the record's header ce_subject is missing or cannot be read (found b'990017')"
    parked_id = await parked(store, "990017", Sensitivity.PUBLIC, reason="no-envelope", detail=detail, event_id=None)
    answer = await shown(client, tokens, parked_id, "la.ops")
    assert answer.json()["headers"] == {}
    assert answer.json()["detail"] == "the record's header ce_subject is missing or cannot be read"
    assert "990017" not in answer.text


@pytest.mark.parametrize("reason", ["handler", "transient", "schema"])
async def test_the_ops_team_is_told_the_kind_of_an_error_and_not_its_words(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens, reason: str
):
    key = school_key("937", "990017")
    detail = "IntegrityError: Key (name)=(Example Headteacher) exists"
    await parked(store, key, Sensitivity.RESTRICTED, reason=reason, detail=detail)
    answer = await client.get("/api/v1/parked", headers=tokens.headers("la.ops", key=None))
    assert [each["detail"] for each in answer.json()] == ["IntegrityError"]


async def test_an_officer_reads_her_own_authoritys_messages_and_no_others(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens
):
    parked_id = await parked(store, school_key("937", "990017"), Sensitivity.RESTRICTED)
    assert (await shown(client, tokens, parked_id, "la.officer")).json()["value"] == SECRET.decode()
    assert (await shown(client, tokens, parked_id, "la.officer", authority="801")).status_code == 404
    elsewhere = tokens.headers("la.officer", key=None, authorities=("801",))
    assert (await client.get("/api/v1/parked", headers=elsewhere)).json() == []


async def test_a_message_is_discarded_for_a_reason_by_an_officer_of_its_authority(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens
):
    parked_id = await parked(store, school_key("937", "990017"), Sensitivity.RESTRICTED)
    path = f"/api/v1/parked/{parked_id}/discard"
    elsewhere = tokens.headers("la.officer", authorities=("801",))
    assert (await client.post(path, headers=elsewhere, json={"reason": "spam"})).status_code == 404
    headers = tokens.headers("la.officer")
    assert (await client.post(path, headers=headers, json={"reason": ""})).status_code == 422
    first = await client.post(path, headers=headers, json={"reason": "sent by mistake"})
    again = await client.post(path, headers=headers, json={"reason": "sent by mistake"})
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert await store.run(lambda uow: uow.value("select count(*) from parked")) == 0
    assert "sent by mistake" in await store.run(lambda uow: uow.value("select string_agg(why, ',') from audit"))


@pytest.mark.parametrize("act", ["retry", "discard"])
async def test_the_ops_team_acts_on_its_own_authoritys_messages_and_on_those_that_name_none(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens, act: str
):
    """Decision 20: it sees that others have parked messages, and leaves them to them."""
    mine = await parked(store, school_key("937", "990017"), Sensitivity.INTERNAL)
    nobodys = await parked(store, "no key of ours", Sensitivity.INTERNAL)

    async def status(parked_id: str, authority: str) -> int:
        headers = tokens.headers("la.ops", key=f"{parked_id}.{authority}", authorities=(authority,))
        body = {"reason": "sent by mistake"} if act == "discard" else None
        return (await client.post(f"/api/v1/parked/{parked_id}/{act}", headers=headers, json=body)).status_code

    assert await status(mine, "801") == 403
    assert await store.run(lambda uow: uow.value("select count(*) from parked")) == 2
    assert [await status(mine, "937"), await status(nobodys, "801")] == [200, 200]


async def test_the_test_clock_is_set_and_put_back(client: httpx2.AsyncClient, store: Store, tokens: Tokens):
    headers = tokens.headers("demo", key="1")
    answer = await client.post("/api/v1/clock", headers=headers, json={"today": "2024-06-28"})
    assert (answer.status_code, answer.json()) == (200, {"today": "2024-06-28", "test_clock": True})
    assert (await store.run(_today)).isoformat() == "2024-06-28"
    await client.post("/api/v1/clock", headers=tokens.headers("demo", key="2"), json={"today": None})
    found = await client.get("/api/v1/clock", headers=tokens.headers("clerk", key=None))
    assert found.json()["test_clock"] is False


async def _today(uow):
    return uow.today


async def test_only_the_demo_sets_the_clock(client: httpx2.AsyncClient, tokens: Tokens):
    answer = await client.post("/api/v1/clock", headers=tokens.headers("la.officer"), json={"today": "2024-06-28"})
    assert answer.status_code == 403


async def test_an_installation_on_the_real_date_refuses_another(store: Store, tokens: Tokens):
    real = application("meetings", [], store=store, verifier=tokens.verifier)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(real), base_url="http://meetings") as client:
        answer = await client.post("/api/v1/clock", headers=tokens.headers("demo"), json={"today": "2024-06-28"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:consortia:problem:clock-is-real")


async def test_progress_tells_what_waits_and_what_is_done(client: httpx2.AsyncClient, store: Store, tokens: Tokens):
    await store.run(
        lambda uow: uow.execute(
            "insert into inbox_key (topic, key, epoch, sequence) values ($1, 'a', 1, 3), ($1, 'b', 1, 4)", EVENTS
        )
    )
    await parked(store, school_key("937", "990017"), Sensitivity.RESTRICTED)
    answer = await client.get("/api/v1/progress", headers=tokens.headers("la.ops", key=None))
    assert answer.json() == {"outbox": 0, "recorded": {}, "applied": {EVENTS: 7}, "parked": {"aside": 1}}


async def test_metrics_count_what_waits(client: httpx2.AsyncClient, store: Store):
    await parked(store, school_key("937", "990017"), Sensitivity.RESTRICTED)
    text = (await client.get("/metrics")).text
    assert 'consortia_parked{service="meetings",status="aside"} 1.0' in text
    assert 'consortia_outbox_depth{service="meetings"} 0.0' in text
