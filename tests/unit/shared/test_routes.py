"""A route says who may use it; a request that may not is refused with a sentence and changes nothing."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fastapi import APIRouter, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict

from shared.refusal import Invalid, NotFound, Refusal
from shared.web.application import application
from shared.web.routes import Act, Routes, RouteWithoutPolicy, UnknownRole, needs
from tests.unit.shared.conftest import RememberingStore, Tokens


class PollsClosed(Refusal):
    def __init__(self) -> None:
        super().__init__("Voting closed on 1 December 2026")


class NoSuchSchool(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no school 990099")


class WrongYear(Invalid):
    def __init__(self) -> None:
        super().__init__("year: an award year begins in April; give 2024 or later")


class SetCategory(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str
    category: int
    on: date


OUTCOMES: dict[str, Exception] = {
    "closed": PollsClosed(),
    "unknown": NoSuchSchool(),
    "year": WrongYear(),
    "broken": KeyError("a secret that must not go out"),
    "away": ConnectionRefusedError("database.internal:5432"),
}


def school_routes() -> Routes:
    routes = Routes(prefix="/api/v1", tags=["schools"])

    @routes.post("/schools/{urn}/la-category", policy=needs("la.officer"), status_code=201)
    async def set_category(urn: str, body: SetCategory, act: Act) -> Response:
        act.allow_authority("937")

        async def work(uow: Any) -> dict[str, Any]:
            if urn in OUTCOMES:
                raise OUTCOMES[urn]
            return {"urn": urn, "on": body.on}

        return await act.once(work)

    @routes.get("/schools/{urn}", policy=needs("la.officer", "clerk"))
    async def school(urn: str, act: Act) -> dict[str, str]:
        return {"urn": urn, "for": act.principal.subject}

    return routes


@pytest.fixture
def client(tokens: Tokens, store: RememberingStore) -> Iterator[TestClient]:
    app = application("membership", [school_routes()], store=store, verifier=tokens.verifier)  # type: ignore[arg-type]
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


GOOD = {"reason": "safeguarding review", "category": 3, "on": "2026-02-01"}


def set_category(client: TestClient, headers: dict[str, str], urn: str = "990017", body: Any = GOOD) -> Any:
    return client.post(f"/api/v1/schools/{urn}/la-category", headers=headers, json=body)


def test_a_route_without_a_policy_cannot_be_written():
    with pytest.raises(RouteWithoutPolicy, match=r"GET /api/v1/open"):
        Routes(prefix="/api/v1").get("/open")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_route_that_goes_round_our_own_verbs_cannot_be_written_either(method: str):
    with pytest.raises(RouteWithoutPolicy):
        getattr(Routes(), method)("/open")(lambda: None)


def test_an_application_takes_no_plain_router(tokens: Tokens, store: RememberingStore):
    plain = APIRouter()
    plain.get("/open")(lambda: None)
    with pytest.raises(RouteWithoutPolicy, match="/open"):
        application("membership", [plain], store=store, verifier=tokens.verifier)  # type: ignore[arg-type]


def test_a_policy_names_a_role_that_exists():
    with pytest.raises(UnknownRole, match=r"la\.offcer"):
        needs("la.offcer")
    with pytest.raises(UnknownRole):
        needs()


def test_what_was_done_is_answered_with_its_story_and_audited(
    client: TestClient, tokens: Tokens, store: RememberingStore
):
    answer = set_category(client, tokens.headers("la.officer"))
    assert (answer.status_code, answer.json()) == (201, {"urn": "990017", "on": "2026-02-01"})
    [(_, who, what, subject, why, path, story)] = store.uow.audit()
    assert (who, subject, why) == ("officer-1", "990017", "safeguarding review")
    assert what == "POST /api/v1/schools/{urn}/la-category"
    assert path == "/api/v1/schools/990017/la-category"
    assert answer.headers["X-Correlation-ID"] == story


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer x", "Basic b2ZmaWNlcjp4"])
def test_who_is_not_signed_in_is_told_how(client: TestClient, store: RememberingStore, authorization: str | None):
    headers = {"Idempotency-Key": "k"} | ({} if authorization is None else {"Authorization": authorization})
    answer = set_category(client, headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert store.uow.said == []


def test_sign_in_is_asked_before_the_body_is_read(client: TestClient):
    answer = client.post("/api/v1/schools/1/la-category", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 401


def test_another_role_is_refused(client: TestClient, tokens: Tokens):
    assert set_category(client, tokens.headers("clerk")).status_code == 403


def test_another_authority_is_refused(client: TestClient, tokens: Tokens):
    answer = set_category(client, tokens.headers("la.officer", authorities=("801",)))
    assert (answer.status_code, answer.json()["detail"]) == (403, "Your sign-in is not for authority 937.")


def test_any_one_of_the_roles_is_enough(client: TestClient, tokens: Tokens):
    assert client.get("/api/v1/schools/1", headers=tokens.headers("clerk", key=None)).json()["for"] == "officer-1"


@pytest.mark.parametrize("key", [None, "", "two words", "x" * 201])
def test_a_post_needs_a_key_of_its_own(client: TestClient, tokens: Tokens, store: RememberingStore, key: str | None):
    answer = set_category(client, tokens.headers("la.officer", key=key))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:consortia:problem:idempotency-key")
    assert store.uow.said == []


@pytest.mark.parametrize(
    ("urn", "status", "kind", "detail"),
    [
        ("closed", 409, "polls-closed", "Voting closed on 1 December 2026"),
        ("unknown", 404, "no-such-school", "There is no school 990099"),
        ("year", 422, "wrong-year", "year: an award year begins in April; give 2024 or later"),
    ],
)
def test_a_refusal_is_a_problem_with_its_sentence(
    client: TestClient, tokens: Tokens, urn: str, status: int, kind: str, detail: str
):
    answer = set_category(client, tokens.headers("la.officer"), urn)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert (found["type"], found["status"], found["detail"]) == (f"urn:consortia:problem:{kind}", status, detail)
    assert found["instance"] == f"urn:uuid:{answer.headers['X-Correlation-ID']}"


def test_fields_that_cannot_be_taken_are_named_with_the_cure(client: TestClient, tokens: Tokens):
    answer = set_category(client, tokens.headers("la.officer"), body={"on": "1/2/2026", "category": 3, "colour": "red"})
    assert answer.status_code == 422
    assert {each["field"]: each["detail"] for each in answer.json()["errors"]} == {
        "reason": "reason is missing; give it.",
        "on": "on is not a date; write it as YYYY-MM-DD.",
        "colour": "colour is not known here; leave it out.",
    }


def test_a_body_that_is_not_json_is_said_to_be_none(client: TestClient, tokens: Tokens):
    headers = {**tokens.headers("la.officer"), "Content-Type": "application/json"}
    answer = client.post("/api/v1/schools/1/la-category", content=b'{"reason": ', headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "The body")


def test_an_unexpected_error_tells_nothing_of_itself(client: TestClient, tokens: Tokens):
    answer = set_category(client, tokens.headers("la.officer"), "broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "KeyError" not in answer.text
    assert answer.headers["X-Correlation-ID"]


def test_a_database_that_is_away_asks_for_patience(client: TestClient, tokens: Tokens):
    answer = set_category(client, tokens.headers("la.officer"), "away")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "database.internal" not in answer.text


def test_a_path_that_is_not_there_is_a_problem_too(client: TestClient):
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_describes_the_service_to_strangers(client: TestClient, path: str):
    assert client.get(path).status_code in (401, 404)


def test_the_description_names_roles_and_the_key(client: TestClient, tokens: Tokens):
    described = client.get("/openapi.json", headers=tokens.headers("clerk", key=None)).json()
    route = described["paths"]["/api/v1/schools/{urn}/la-category"]["post"]
    assert route["x-roles"] == ["la.officer"]
    assert route["security"] == [{"token": []}]
    assert {each["name"] for each in route["parameters"]} == {"urn", "Idempotency-Key"}
