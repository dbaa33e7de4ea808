"""A POST takes effect once, however often and from wherever it is sent (I11), on a real PostgreSQL."""

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Response
from pydantic import BaseModel

from shared.refusal import Refusal
from shared.store import Store, UnitOfWork
from shared.web.application import application
from shared.web.routes import Act, Routes, needs
from tests.unit.shared.conftest import Tokens


class NoMoreSeats(Refusal):
    def __init__(self) -> None:
        super().__init__("There is no seat left")


class Request(BaseModel):
    name: str
    reason: str = ""


class Endpoint:
    """One route whose effect can be counted: a row in `due`, which the test may hold up or refuse."""

    def __init__(self) -> None:
        self.calls = 0
        self.refuse = False
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.begun = asyncio.Event()
        self.routes = Routes(prefix="/api/v1")

        @self.routes.post("/bodies/{body}/seats", policy=needs("la.officer"), status_code=201)
        async def take_seat(body: str, request: Request, act: Act) -> Response:
            return await act.once(lambda uow: self.effect(uow, body, request))

    async def effect(self, uow: UnitOfWork, body: str, request: Request) -> dict[str, Any]:
        self.calls += 1
        await uow.execute(
            "insert into due (kind, subject, on_date) select $1, $2, current_date + count(*)::int from due",
            body,
            request.name,
        )
        self.begun.set()
        await self.go_on.wait()
        if self.refuse:
            raise NoMoreSeats
        return {"seat": await uow.value("select count(*) from due")}


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def app(endpoint: Endpoint, store: Store, tokens: Tokens) -> FastAPI:
    return application("meetings", [endpoint.routes], store=store, verifier=tokens.verifier)


async def count(store: Store, table: str) -> int:
    return int(await store.run(lambda uow: uow.value(f"select count(*) from {table}")))


PATH = "/api/v1/bodies/abbey/seats"


async def test_twenty_of_the_same_at_once_have_one_effect(
    client: httpx2.AsyncClient, store: Store, endpoint: Endpoint, tokens: Tokens
):
    """I11"""
    headers = tokens.headers("la.officer", key="seat-1")
    answers = await asyncio.gather(*(client.post(PATH, json={"name": "Oak"}, headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.text for answer in answers} == {'{"seat":1}'}
    assert len({answer.headers["X-Correlation-ID"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert (await count(store, "due"), await count(store, "audit"), endpoint.calls) == (1, 1, 1)


async def test_twenty_different_ones_at_once_have_twenty_effects(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens
):
    answers = await asyncio.gather(
        *(
            client.post(
                PATH, json={"name": f"Oak {number}"}, headers=tokens.headers("la.officer", key=f"seat-{number}")
            )
            for number in range(20)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert await count(store, "due") == 20


async def test_a_twin_waits_and_takes_the_effect_over_when_the_first_is_refused(
    client: httpx2.AsyncClient, store: Store, endpoint: Endpoint, tokens: Tokens
):
    headers = tokens.headers("la.officer", key="seat-1")
    endpoint.go_on.clear()
    endpoint.refuse = True
    first = asyncio.create_task(client.post(PATH, json={"name": "Oak"}, headers=headers))
    await endpoint.begun.wait()
    second = asyncio.create_task(client.post(PATH, json={"name": "Oak"}, headers=headers))
    endpoint.go_on.set()
    refused = await first
    endpoint.refuse = False
    answer = await second
    assert refused.status_code == 409
    assert answer.status_code in (201, 409)  # 409 if the second was as quick as to be refused itself
    again = await client.post(PATH, json={"name": "Oak"}, headers=headers)
    assert again.status_code == 201
    assert await count(store, "due") == 1


async def test_a_refused_request_leaves_nothing_and_may_be_sent_again(
    client: httpx2.AsyncClient, store: Store, endpoint: Endpoint, tokens: Tokens
):
    headers = tokens.headers("la.officer", key="seat-1")
    endpoint.refuse = True
    assert (await client.post(PATH, json={"name": "Oak"}, headers=headers)).status_code == 409
    assert [await count(store, table) for table in ("due", "audit", "idempotency")] == [0, 0, 0]
    endpoint.refuse = False
    assert (await client.post(PATH, json={"name": "Oak"}, headers=headers)).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [(PATH, {"name": "Ash"}), ("/api/v1/bodies/north/seats", {"name": "Oak"}), (PATH + "?draft=1", {"name": "Oak"})],
    ids=["another body", "another address", "another question"],
)
async def test_a_key_stands_for_one_request_only(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens, path: str, body: dict[str, str]
):
    headers = tokens.headers("la.officer", key="seat-1")
    await client.post(PATH, json={"name": "Oak"}, headers=headers)
    answer = await client.post(path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:consortia:problem:key-used-for-another-request")
    assert await count(store, "due") == 1


async def test_two_people_may_choose_the_same_key(client: httpx2.AsyncClient, store: Store, tokens: Tokens):
    for subject in ("officer-1", "officer-2"):
        headers = tokens.headers("la.officer", key="seat-1", subject=subject)
        assert (await client.post(PATH, json={"name": "Oak"}, headers=headers)).status_code == 201
    assert await count(store, "due") == 2


async def test_after_seven_days_a_key_is_free_again(
    client: httpx2.AsyncClient, store: Store, endpoint: Endpoint, tokens: Tokens
):
    headers = tokens.headers("la.officer", key="seat-1")
    await client.post(PATH, json={"name": "Oak"}, headers=headers)
    await store.run(lambda uow: uow.execute("update idempotency set created_at = now() - interval '8 days'"))
    for _ in range(2):  # free once: then it stands for the new request
        answer = await client.post(PATH, json={"name": "Ash"}, headers=headers)
        assert (answer.status_code, endpoint.calls) == (201, 2)


async def test_who_did_what_to_what_and_why_is_kept_with_the_effect(
    client: httpx2.AsyncClient, store: Store, tokens: Tokens
):
    headers = tokens.headers("la.officer", key="seat-1")
    answer = await client.post(PATH, json={"name": "Oak", "reason": "by-election"}, headers=headers)
    row = await store.run(lambda uow: uow.row("select *, detail ->> 'correlation_id' as story from audit"))
    assert row is not None
    assert (row.who, row.what, row.subject, row.why) == (
        "officer-1",
        "POST /api/v1/bodies/{body}/seats",
        "abbey",
        "by-election",
    )
    assert row.story == answer.headers["X-Correlation-ID"]


async def test_nobody_can_change_the_audit(store: Store):
    with pytest.raises(Exception, match="permission denied"):
        await store.run(lambda uow: uow.execute("update audit set who = 'another'"))


async def test_a_request_that_cannot_get_the_key_in_time_is_asked_to_come_back(
    client: httpx2.AsyncClient, store: Store, endpoint: Endpoint, tokens: Tokens
):
    headers = tokens.headers("la.officer", key="seat-1")
    endpoint.go_on.clear()
    first = asyncio.create_task(client.post(PATH, json={"name": "Oak"}, headers=headers))
    await endpoint.begun.wait()
    second = await client.post(PATH, json={"name": "Oak"}, headers=headers)
    endpoint.go_on.set()
    assert (second.status_code, second.headers["Retry-After"]) == (503, "1")
    assert (await first).status_code == 201
