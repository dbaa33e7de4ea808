"""Whoever watches a service learns whether it lives and may have work, and needs no sign-in for it."""

import asyncio
import json

from fastapi.testclient import TestClient

from shared.web.application import application
from shared.web.health import Check
from tests.unit.shared.conftest import RememberingStore, Tokens


def client(tokens: Tokens, **checks: Check) -> TestClient:
    store = RememberingStore()
    app = application("funding", [], store=store, verifier=tokens.verifier, checks=checks)  # type: ignore[arg-type]
    return TestClient(app, raise_server_exceptions=False)


async def fine() -> str | None:
    return None


async def behind() -> str | None:
    return "schema funding is at 0001, the code needs 0002"


async def broken() -> str | None:
    raise ConnectionRefusedError("an address that nobody needs to know")


async def silent() -> str | None:
    await asyncio.Event().wait()
    return None


def test_a_process_lives_whatever_its_database_does(tokens: Tokens):
    assert client(tokens, database=broken).get("/livez").status_code == 200


def test_ready_when_every_check_is(tokens: Tokens):
    answer = client(tokens, database=fine, broker=fine).get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (200, {"database": "ok", "broker": "ok"})


def test_not_ready_says_which_check_and_why_but_no_address(tokens: Tokens):
    answer = client(tokens, database=broken, migrations=behind, broker=fine).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "failed (ConnectionRefusedError)",
        "migrations": "schema funding is at 0001, the code needs 0002",
        "broker": "ok",
    }


def test_a_check_that_does_not_answer_is_not_waited_for(tokens: Tokens, monkeypatch):
    monkeypatch.setattr("shared.web.health.CHECK_SECONDS", 0.01)
    assert client(tokens, broker=silent).get("/readyz").status_code == 503


def test_the_version_names_service_and_release(tokens: Tokens):
    found = client(tokens).get("/version").json()
    assert found["service"] == "funding"
    assert found["version"]


def test_numbers_are_given_by_route_never_by_path(tokens: Tokens):
    from shared import metrics

    watched = client(tokens)
    watched.get("/api/v1/parked/019a8f00-6b1e-7c3a-9d52-4f0e8a7c1b01")
    text = metrics.exposition()[0].decode()
    assert 'route="/api/v1/parked/{parked_id}"' in text
    assert "019a8f00-6b1e-7c3a-9d52-4f0e8a7c1b01" not in text
    assert json.dumps("funding") in text
