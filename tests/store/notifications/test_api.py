"""What a caller is shown over HTTP: subscriptions, deliveries, the feed's pages, journeys (R0.8, N-01 to N-06)."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from cloudevents.core.formats.json import JSONFormat

from services.notifications.settings import settings
from services.notifications.web import api, feed, messages
from shared.auth.tokens import Verifier, mint, new_key
from shared.contracts.registry import Sensitivity
from shared.messaging.cause import new_id
from tests.applications import application_over
from tests.store.notifications.conftest import OAK, Notifications, id_of, key_of, outcome
from tests.store.notifications.test_informing import FELL, HEADS, REASSIGNED, told, took_office

Ask = Callable[..., Any]
TRACE = "0af7651916cd43dd8448eb211c80319c"
SI = {"roles": ["department"], "departments": ["school-improvement"]}
FINANCE = {"roles": ["department"], "departments": ["finance"]}
GOVERNANCE = {"roles": ["department"], "departments": ["governance"]}
REGIONAL = {"roles": ["rd.liaison"], "authorities": [], "regions": ["West Midlands"]}


@pytest.fixture
async def ask(notifications: Notifications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ask]:
    """`ask("/feed/west-midlands", roles=[...])`; with a body it is a POST."""
    monkeypatch.setenv("CONSORTIA_ZIPKIN_URL", "http://zipkin.example:9411")
    settings.cache_clear()
    private, public = tmp_path / "private.jwk", tmp_path / "public.jwk"
    new_key(private, public)
    routers = [api.routes, feed.routes, messages.routes]
    app = application_over("notifications", routers, notifications.store, Verifier(public))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://notifications") as client:

        async def ask(
            path: str,
            *,
            roles: list[str] | None = None,
            authorities: list[str] | None = None,
            body: Any = None,
            headers: dict[str, str] | None = None,
            regions: list[str] | None = None,
            departments: list[str] | None = None,
            subject: str = "somebody",
        ) -> httpx2.Response:
            token = mint(
                private,
                subject=subject,
                roles=["la.officer"] if roles is None else roles,
                authorities=["937"] if authorities is None else authorities,
                regions=regions or [],
                departments=departments or [],
            )
            sent = {"Authorization": f"Bearer {token}", **(headers or {})}
            if body is None:
                return await client.get(f"/api/v1{path}", headers=sent)
            return await client.post(f"/api/v1{path}", json=body, headers={"Idempotency-Key": str(new_id()), **sent})

        yield ask
    settings.cache_clear()


def hook(department: str, url: str = "https://council.example/hook", authority: str = "937") -> dict[str, str]:
    return {"authority": authority, "department": department, "url": url}


async def test_the_secret_of_a_subscription_is_told_once(ask: Ask):
    made = await ask("/subscriptions", body=hook("finance"))
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    (listed,) = (await ask("/subscriptions")).json()
    assert listed["url"] == "https://council.example/hook"
    assert "secret" not in listed


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (hook("finance", "http://council.example/"), 422, "must begin with https"),
        (hook("finance", "https://10.0.0.1/"), 409, "not a public address"),
        (hook("catering"), 422, "no department catering"),
        (hook("finance", authority="801"), 403, "not for authority 801"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused_with_the_reason(ask: Ask, body: Any, status: int, says: str):
    """D3.9"""
    answer = await ask("/subscriptions", body=body)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


async def test_a_department_subscribes_for_itself_alone(ask: Ask):
    """I13"""
    assert (await ask("/subscriptions", body=hook("finance"), **FINANCE)).status_code == 201
    assert (await ask("/subscriptions", body=hook("school-improvement"), **FINANCE)).status_code == 403
    assert (await ask("/subscriptions", **GOVERNANCE)).json() == []


async def test_no_department_and_no_authority_resumes_the_subscription_of_another(ask: Ask):
    made = (await ask("/subscriptions", body=hook("finance"))).json()
    assert (await ask(f"/subscriptions/{made['id']}/resume", body={}, **GOVERNANCE)).status_code == 404
    assert (await ask(f"/subscriptions/{made['id']}/resume", body={}, authorities=["801"])).status_code == 404
    active = await ask(f"/subscriptions/{made['id']}/resume", body={}, **FINANCE)
    assert active.status_code == 409
    assert "nothing to resume" in active.json()["detail"]


async def test_the_delivery_log_shows_a_department_its_own_and_ops_no_school(ask: Ask, notifications: Notifications):
    """N-02 to N-04, R0.8"""
    for department in ("school-improvement", "governance"):
        await ask("/subscriptions", body=hook(department))
    await notifications.reads(notifications.record_of(FELL, key_of()), notifications.record_of(took_office(), HEADS))
    things = {row["type"].split(".", 2)[2]: row["key"] for row in (await ask("/deliveries")).json()}
    assert things == {"category-in-force.changed.v1": key_of(), "office.taken-up.v1": HEADS}
    assert {row["department"] for row in (await ask("/deliveries", **GOVERNANCE)).json()} == {"governance"}
    assert (await ask("/deliveries", **FINANCE)).json() == []
    ops = (await ask("/deliveries", roles=["la.ops"])).json()
    assert {row["department"] for row in ops} == {"school-improvement", "governance"}
    assert {row["key"] for row in ops} == {None}


async def test_a_page_of_the_feed_is_a_batch_of_cloud_events_that_the_library_reads(
    ask: Ask, notifications: Notifications
):
    """D3.13, N-05"""
    await notifications.reads(notifications.record_of(outcome(), key_of()))
    page = await ask("/feed/west-midlands", **REGIONAL)
    assert page.headers["content-type"] == "application/cloudevents-batch+json"
    (raw,) = page.json()
    event = JSONFormat().read(None, httpx2.Response(200, json=raw).content)
    assert event.get_type() == "consortia.feed.outcome-published.v1"
    assert event.get_source() == "/consortia/feed/west-midlands"
    assert event.get_subject() == OAK
    assert event.get_extension("sequence") == "000000000001"
    data: Any = event.get_data()
    assert data["number"] == 1
    assert data["change_of_speaker"]["sentence"] == (
        "from chair to system leader, because of the report published on 4 March 2024"
    )


async def test_a_reader_follows_the_pages_to_the_end_and_can_prove_that_nothing_is_missing(
    ask: Ask, notifications: Notifications
):
    """D3.13"""
    await notifications.reads(*(notifications.record_of(outcome(str(urn)), key_of(str(urn))) for urn in range(7)))
    path, numbers = "/feed/West%20Midlands?limit=3", []
    while path:
        page = await ask(path, **REGIONAL)
        numbers += [event["data"]["number"] for event in page.json()]
        path = page.links["next"]["url"].removeprefix("/api/v1") if "next" in page.links else ""
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    assert (page.headers["Feed-Highest"], page.headers["Feed-Count"]) == ("7", "7")
    assert page.headers["Feed-In-Words"] == "entries 1 to 7, none missing"


async def test_an_unchanged_page_is_not_sent_twice(ask: Ask, notifications: Notifications):
    """D3.13"""
    await notifications.reads(notifications.record_of(outcome("1"), key_of("1")))
    first = await ask("/feed/west-midlands", **REGIONAL)
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    assert first.headers["Last-Modified"].endswith("GMT")
    for asked in (etag, f'"other", W/{etag}', "*"):
        again = await ask("/feed/west-midlands", headers={"If-None-Match": asked}, **REGIONAL)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    await notifications.reads(notifications.record_of(outcome("2"), key_of("2")))
    changed = await ask("/feed/west-midlands", headers={"If-None-Match": etag}, **REGIONAL)
    assert changed.status_code == 200
    assert len(changed.json()) == 2


@pytest.mark.parametrize("region", ["south-west", "London", "west"])
async def test_the_regional_office_reads_its_own_region_alone(ask: Ask, region: str):
    """N-05"""
    assert (await ask(f"/feed/{region}", **REGIONAL)).status_code == 403


@pytest.mark.parametrize("who", [SI, FINANCE, {"roles": ["headteacher"]}, {"roles": ["la.ops"]}, {"roles": ["chair"]}])
async def test_the_feed_is_for_the_regional_office_and_the_councils_officers(ask: Ask, who: Any):
    """N-05, N-06"""
    assert (await ask("/feed/west-midlands", **who)).status_code == 403


@pytest.fixture
async def fall(notifications: Notifications) -> UUID:
    """The story of a school that fell: public outcome, restricted consequences, an internal one that waits."""
    story = new_id()
    first = notifications.record_of(outcome(), key_of(), story=story, traceparent=f"00-{TRACE}-{'b' * 16}-01")
    second = notifications.record_of(FELL, key_of(), story=story, because=id_of(first))
    third = notifications.record_of(REASSIGNED, key_of(), story=story, because=id_of(second))
    fourth = notifications.record_of(took_office(), HEADS, story=story, because=id_of(third), told=False)
    await notifications.reads(fourth, third, second, first)
    await notifications.reads(first, second, third, fourth)
    return story


def things(answer: httpx2.Response) -> list[tuple[int, str]]:
    return [(step["depth"], step["type"].split(".", 2)[2].removesuffix(".v1")) for step in answer.json()["steps"]]


async def test_the_officer_follows_a_change_in_the_order_of_its_causes_with_its_trace(ask: Ask, fall: UUID):
    answer = await ask(f"/journeys/{fall}")
    assert things(answer) == [
        (0, "outcome.published"),
        (1, "category-in-force.changed"),
        (2, "representation.reassigned"),
        (3, "office.taken-up"),
    ]
    assert answer.json()["trace_url"] == f"http://zipkin.example:9411/zipkin/traces/{TRACE}"
    assert answer.json()["services"] == ["membership"]
    assert (await ask(f"/journeys/{fall}", **SI)).json() == answer.json()


async def test_other_departments_see_the_public_steps_alone_until_the_school_was_told(
    ask: Ask, notifications: Notifications, fall: UUID
):
    """R0.8, N-02, N-03"""
    for who in (FINANCE, GOVERNANCE, {"roles": ["la.finance"]}):
        answer = await ask(f"/journeys/{fall}", **who)
        assert things(answer) == [(0, "outcome.published")]
        assert TRACE not in answer.text  # which would tell the other steps
    await notifications.reads(notifications.record_of(told(fall), key_of()))
    assert things(await ask(f"/journeys/{fall}", **GOVERNANCE)) == [(0, "outcome.published"), (0, "office.taken-up")]


async def test_ops_follow_a_change_without_seeing_whose_it_is(ask: Ask, fall: UUID):
    """N-04, R0.8"""
    answer = await ask(f"/journeys/{fall}", roles=["la.ops"])
    assert things(answer) == things(await ask(f"/journeys/{fall}"))
    assert answer.json()["trace_url"] is not None
    assert OAK not in answer.text


async def test_ops_do_not_ask_for_the_changes_of_a_school(ask: Ask, fall: UUID):
    """R0.8: the correlation id of a public step leads to the restricted ones, and to their trace."""
    answer = await ask(f"/journeys?subject={OAK}", roles=["la.ops"])
    assert answer.status_code == 403
    assert "by its correlation id" in answer.json()["detail"]


async def test_the_journeys_of_a_school_are_found_by_its_number(ask: Ask, fall: UUID):
    (found,) = (await ask(f"/journeys?subject={OAK}")).json()["journeys"]
    assert found["correlation_id"] == str(fall)
    assert len(found["events"]) == 3


async def test_what_is_hidden_does_not_count_against_the_length_of_a_page(ask: Ask, notifications: Notifications):
    """R0.8: a page that is shorter than it may be would tell how much is hidden."""
    record = notifications.record_of
    await notifications.reads(record(outcome(number="1"), key_of()), record(outcome(number="2"), key_of()))
    await notifications.reads(
        record(FELL, key_of()),
        record(FELL, key_of(), sensitivity=Sensitivity.PUBLIC),
        record(outcome(number="3"), key_of(), told=False),
        record(outcome(number="5"), key_of(), sensitivity=Sensitivity.RESTRICTED),
        record(outcome(number="4", authority="801"), key_of(authority="801")),
    )
    found = (await ask(f"/journeys?subject={OAK}&limit=2", **FINANCE)).json()["journeys"]
    assert [event["type"].split(".", 2)[2] for each in found for event in each["events"]] == [
        "outcome.published.v1"
    ] * 2


async def test_the_public_record_of_a_change_of_category_is_no_step_for_finance_nor_is_who_was_told_of_it(
    ask: Ask, notifications: Notifications
):
    """R0.8: its absence would betray that an entry of the authority made the change."""
    story = new_id()
    await notifications.reads(notifications.record_of(FELL, key_of(), story=story, sensitivity=Sensitivity.PUBLIC))
    (fact,) = [each for each in await notifications.published() if each.thing == "department.informed"]
    assert fact.envelope.sensitivity is Sensitivity.RESTRICTED
    for who in (FINANCE, GOVERNANCE):
        assert (await ask(f"/journeys/{story}", **who)).status_code == 404
    await ask("/subscriptions", body=hook("school-improvement"))
    await notifications.reads(notifications.record_of(FELL, key_of(), sensitivity=Sensitivity.PUBLIC))
    assert [row["key"] for row in (await ask("/deliveries", roles=["la.ops"])).json()] == [None]


async def test_nobody_follows_a_change_of_another_authority(ask: Ask, fall: UUID):
    """I13"""
    for who in ({"authorities": ["801"]}, {"roles": ["la.ops"], "authorities": ["801"]}):
        assert (await ask(f"/journeys/{fall}", **who)).status_code == 404
    assert (await ask(f"/journeys?subject={OAK}", authorities=["801"])).json()["journeys"] == []


@pytest.mark.parametrize("role", ["headteacher", "chair", "clerk", "rd.liaison"])
async def test_journeys_are_not_for_heads_or_the_regional_office(ask: Ask, fall: UUID, role: str):
    """N-05, N-06"""
    assert (await ask(f"/journeys/{fall}", roles=[role])).status_code == 403
