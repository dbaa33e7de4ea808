"""Every route of every service: a policy, no anonymous way in, and for a POST a key (D6)."""

import re
from functools import cache

import pytest
from fastapi.testclient import TestClient

from shared.auth.tokens import Verifier
from shared.contracts.services import routers_of, service_names
from shared.web.application import application
from shared.web.routes import GuardedRoute
from tests.applications import application_over
from tests.unit.shared.conftest import RememberingStore, Tokens

HEALTH = {"/livez", "/readyz", "/version", "/metrics"}


@cache
def routes_of(service: str) -> list[GuardedRoute]:
    found: list[GuardedRoute] = application(service, routers_of(service), store=None, verifier=None).state.guarded
    return found


def served(service: str, verifier: Verifier) -> tuple[TestClient, RememberingStore]:
    store = RememberingStore()
    app = application_over(service, routers_of(service), store, verifier)
    return TestClient(app, raise_server_exceptions=False), store


EVERY = [(service, route) for service in service_names() for route in routes_of(service)]


def named(case: object) -> str:
    return f"{sorted(case.methods)[0]} {case.path}" if isinstance(case, GuardedRoute) else str(case)


@pytest.mark.parametrize(("service", "route"), EVERY, ids=named)
def test_only_health_is_open_to_strangers(service: str, route: GuardedRoute, tokens: Tokens):
    assert route.policy.anonymous == (route.path in HEALTH)
    if route.path in HEALTH:
        return
    client, store = served(service, tokens.verifier)
    path = re.sub(r"\{[^}]+\}", "1", route.path)
    answer = client.request(sorted(route.methods)[0], path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert store.uow.said == []


@pytest.mark.parametrize(("service", "route"), [each for each in EVERY if "POST" in each[1].methods], ids=named)
def test_every_post_needs_an_idempotency_key(service: str, route: GuardedRoute, tokens: Tokens):
    client, store = served(service, tokens.verifier)
    path = re.sub(r"\{[^}]+\}", "1", route.path)
    headers = tokens.headers(*(route.policy.roles or {"la.officer"}), key=None)
    answer = client.post(path, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:consortia:problem:idempotency-key")
    assert store.uow.said == []


# Membership has a table of its own, with a row a route (tests/store/membership/test_other_authorities.py).
WRITES_ELSEWHERE = {
    "/api/v1/meetings": "meetings: test_an_officer_of_another_authority_may_neither_call_nor_record_nor_read",
    "/api/v1/schools/{urn}/vulnerable-aspects": "meetings: the same",
    "/api/v1/vulnerable-aspects/{aspect_id}/withdraw": "meetings: test_a_withdrawn_aspect_stands_on_no_list_and_...",
    "/api/v1/subscriptions": "notifications: test_a_subscription_that_cannot_be_is_refused_with_the_reason",
    "/api/v1/subscriptions/{subscription_id}/resume": "notifications: test_no_department_and_no_authority_resumes_...",
    "/api/v1/tick": "funding: does at once, for every authority, what the service does by itself",
    "/api/v1/clock": "the test clock, for the demo alone",
    "/api/v1/parked/{parked_id}/retry": "shared: test_a_message_is_discarded_for_a_reason_by_an_officer_of_its_authority",
    "/api/v1/parked/{parked_id}/discard": "shared: the same",
}


def test_it_is_said_of_every_writing_route_where_it_is_seen_to_stop_at_the_callers_own_authority():
    """Whoever adds a writing route shows in a test that an officer of 801 changes nothing of 937, and says here which."""
    there = {route.path for service, route in EVERY if service != "membership" and "POST" in route.methods}
    assert there == set(WRITES_ELSEWHERE)


def test_all_four_services_are_looked_at():
    assert [service for service in service_names() if not routers_of(service)] == []
    assert len(EVERY) > 40
