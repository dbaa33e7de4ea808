"""What officers, members and everybody else see of meetings, over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from services.meetings.web.api import routes
from shared.auth.tokens import Verifier, mint, new_key
from shared.contracts.membership import (
    CategoryAsToldChanged,
    CategoryInForceChanged,
    Grades,
    LaCategoryLifted,
    LaCategorySet,
    OutcomePublished,
    OutcomeWithdrawn,
    SchoolJoinedBody,
)
from tests.applications import application_over
from tests.store.meetings.conftest import (
    CONSORTIUM,
    ELM,
    FEBRUARY,
    GROUP,
    JANUARY,
    MARCH,
    OAK,
    QUAY,
    Meetings,
    chair,
    reassigned,
    school,
    system_leader,
    takes_the_chair,
    told,
)

OFFICER: dict[str, Any] = {"roles": ["la.officer"]}
IMPROVEMENT: dict[str, Any] = {"roles": ["department"], "departments": ["school-improvement"]}
FINANCE: dict[str, Any] = {"roles": ["department"], "departments": ["finance"]}
HEAD: dict[str, Any] = {"roles": ["headteacher"]}
ADA: dict[str, Any] = {"roles": ["chair"], "subject": str(UUID(int=1))}
BEA: dict[str, Any] = {"roles": ["chair"], "subject": str(UUID(int=2))}
Ask = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def ask(warwickshire: Meetings, tmp_path: Path) -> AsyncIterator[Ask]:
    """Ask as somebody; with a body it is a POST."""
    private, public = tmp_path / "private.jwk", tmp_path / "public.jwk"
    new_key(private, public)
    app = application_over("meetings", [routes], warwickshire.store, Verifier(public))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://meetings") as client:

        async def send(
            path: str, who: dict[str, Any], body: Any = None, *, key: str | None = None, authority: str = "937"
        ) -> httpx2.Response:
            token = mint(private, **{"subject": "somebody", "authorities": [authority], **who})
            headers = {"Authorization": f"Bearer {token}"}
            if body is None:
                return await client.get(f"/api/v1{path}", headers=headers)
            headers["Idempotency-Key"] = key or uuid4().hex
            return await client.post(f"/api/v1{path}", headers=headers, json=body)

        yield send


def call(on: str, body_id: UUID = GROUP, kind: str = "area-analysis-group") -> dict[str, str]:
    return {"body_id": str(body_id), "kind": kind, "on": on}


def aspect(area: str = "quality of education") -> dict[str, str]:
    return {"evaluation_area": area, "from": JANUARY.isoformat()}


def fell(urn: str, category: int | None) -> CategoryInForceChanged:
    return CategoryInForceChanged(
        urn=urn,
        before=2,
        after=category,
        on=JANUARY,
        policy="ofsted",
        policy_version=1,
        because="la-category",
        because_ref="entry",
    )


def published(urn: str, public: int) -> OutcomePublished:
    return OutcomePublished(
        urn=urn,
        school_name=f"School {urn}",
        authority="937",
        region="West Midlands",
        inspection_number="10296001",
        kind="graded",
        inspection_started_on=JANUARY,
        published_on=FEBRUARY,
        grades=Grades(headline=public),
        public_category_before=2,
        public_category_after=public,
        public_role_before="chair",
        public_role_after="system-leader",
    )


def taken_back(urn: str, public: int | None, *, why: str = "withdrawn") -> OutcomeWithdrawn:
    return OutcomeWithdrawn(
        urn=urn,
        school_name=f"School {urn}",
        authority="937",
        region="West Midlands",
        inspection_number="10296001",
        kind="graded",
        published_on=FEBRUARY,
        why=why,
        public_category_before=3,
        public_category_after=public,
        public_role_before="system-leader",
        public_role_after="chair",
    )


async def test_a_meeting_is_called_once_for_its_key(ask: Ask, warwickshire: Meetings) -> None:
    first = await ask("/meetings", OFFICER, call("2025-02-10"), key="one")
    again = await ask("/meetings", OFFICER, call("2025-02-10"), key="one")
    assert (first.status_code, first.json()) == (201, again.json())
    ((_, data, headers),) = await warwickshire.published("meeting.scheduled")
    assert (data["meeting_id"], data["on"]) == (first.json()["meeting_id"], "2025-02-10")
    assert headers["ce_correlationid"] == first.headers["X-Correlation-ID"]
    assert (await ask(f"/bodies/{GROUP}/meetings", HEAD)).json() == [first.json()]


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        (call("2025-01-12"), 409, "A meeting can't be called for 12 January 2025: today is 13 January 2025."),
        (call("2025-02-10", kind="heads"), 409, "is an Area Analysis Group: its meetings are not heads' meetings."),
        (call("2025-02-10", CONSORTIUM), 409, "Consortium 1 is not an Area Analysis Group: call a heads' meeting."),
        (call("2025-02-10", kind="party"), 422, '"party" is not a kind of meeting.'),
        (call("2025-02-10", UUID(int=404)), 404, "There is no body"),
    ],
)
async def test_a_meeting_that_may_not_be_called_is_refused_in_a_sentence(
    ask: Ask, asked: dict[str, str], status: int, sentence: str
) -> None:
    answer = await ask("/meetings", OFFICER, asked)
    assert answer.status_code == status
    assert sentence in answer.json()["detail"]


async def test_a_body_meets_once_a_day(ask: Ask) -> None:
    await ask("/meetings", OFFICER, call("2025-02-10"))
    assert (
        "already has a meeting on 10 February 2025"
        in (await ask("/meetings", OFFICER, call("2025-02-10"))).json()["detail"]
    )


async def test_an_officer_of_another_authority_may_neither_call_nor_record_nor_read(ask: Ask) -> None:
    assert (await ask("/meetings", OFFICER, call("2025-02-10"), authority="801")).status_code == 403
    recorded = await ask(f"/schools/{OAK}/vulnerable-aspects", OFFICER, aspect(), authority="801")
    assert recorded.status_code == 403
    assert (await ask(f"/bodies/{GROUP}/lists", OFFICER, authority="801")).status_code == 403


async def test_only_school_improvement_sees_the_confidential_part(ask: Ask, warwickshire: Meetings) -> None:
    """R0.8: for everybody else the agenda is the same, item or no item."""
    meeting = (await ask("/meetings", OFFICER, call("2025-02-10"))).json()["meeting_id"]
    others = [HEAD, ADA, FINANCE, {"roles": ["clerk"]}]
    before = [(await ask(f"/meetings/{meeting}/agenda", who)).content for who in others]
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    assert [(await ask(f"/meetings/{meeting}/agenda", who)).content for who in others] == before
    for who in (OFFICER, IMPROVEMENT):
        (item,) = (await ask(f"/meetings/{meeting}/agenda", who)).json()["confidential"]
        assert (item["urn"], item["why"]) == (OAK, "representation-reassigned")
        assert OAK not in item["title"]


async def test_a_heads_agenda_says_nothing_of_a_school_even_to_the_officer(ask: Ask, warwickshire: Meetings) -> None:
    meeting = (await ask("/meetings", OFFICER, call("2025-02-10", CONSORTIUM, "heads"))).json()["meeting_id"]
    await warwickshire.hears(JANUARY, reassigned(OAK, chair(), system_leader()))
    answer = await ask(f"/meetings/{meeting}/agenda", OFFICER)
    assert answer.json()["confidential"] == []
    assert OAK not in answer.text


async def test_the_lists_of_an_area_hold_its_schools_in_category_3_or_4(ask: Ask, warwickshire: Meetings) -> None:
    await warwickshire.hears(JANUARY, school(QUAY, area="Rugby"))
    await warwickshire.hears(JANUARY, fell(OAK, 3), fell(ELM, 4), fell(QUAY, 4))
    await warwickshire.hears(JANUARY, fell(ELM, 2))
    lists = (await ask(f"/bodies/{GROUP}/lists", OFFICER)).json()
    assert lists["schools_in_category_3_or_4"] == [
        {"urn": OAK, "school": f"School {OAK}", "category": 3, "since": "2025-01-13", "school_told": True}
    ]


async def test_an_untold_category_is_for_school_improvement_alone(ask: Ask, warwickshire: Meetings) -> None:
    """R0.8: the members of the group learn it when the school has been told."""
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, urn=ELM))
    story = uuid4()
    await warwickshire.hears(JANUARY, fell(OAK, 3), told=False, story=story)

    async def listed(who: dict[str, Any]) -> list[str]:
        answer = (await ask(f"/bodies/{GROUP}/lists", who)).json()
        return [entry["urn"] for entry in answer["schools_in_category_3_or_4"]]

    assert [await listed(who) for who in (OFFICER, IMPROVEMENT, ADA)] == [[OAK], [OAK], []]
    await warwickshire.hears(FEBRUARY, told(OAK, story))
    assert await listed(ADA) == [OAK]


async def test_a_published_3_is_on_the_members_list_though_an_untold_4_is_in_force(
    ask: Ask, warwickshire: Meetings
) -> None:
    """R0.8: a school that is missing there would betray the entry."""
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, urn=ELM))
    story, entry = uuid4(), uuid4()
    await warwickshire.hears(
        JANUARY,
        LaCategorySet(entry_id=entry, urn=OAK, category=4, from_date=JANUARY, review_on=MARCH),
        fell(OAK, 4).model_copy(update={"because_ref": str(entry)}),
        told=False,
        story=story,
    )
    await warwickshire.hears(FEBRUARY, published(OAK, 3))

    async def listed(who: dict[str, Any]) -> list[tuple[int, bool]]:
        answer = (await ask(f"/bodies/{GROUP}/lists", who)).json()
        return [(entry["category"], entry["school_told"]) for entry in answer["schools_in_category_3_or_4"]]

    assert [await listed(who) for who in (OFFICER, ADA)] == [[(4, False)], [(3, True)]]
    await warwickshire.hears(MARCH, told(OAK, story))
    assert [await listed(who) for who in (OFFICER, ADA)] == [[(4, True)], [(4, True)]]
    await warwickshire.hears(MARCH, LaCategoryLifted(entry_id=entry, urn=OAK, lifted_on=MARCH), told=False)
    assert await listed(ADA) == [(4, True)]


@pytest.mark.parametrize("why", ["withdrawn", "another-school"])
async def test_a_3_that_is_taken_back_leaves_the_members_list_though_an_untold_4_is_in_force(
    ask: Ask, warwickshire: Meetings, why: str
) -> None:
    """R0.8: a school that stays there, whose report is gone, would betray the entry. Heard again, it changes nothing."""
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, urn=ELM))
    await warwickshire.hears(JANUARY, published(OAK, 3), fell(OAK, 3).model_copy(update={"because": "outcome"}))
    await warwickshire.hears(FEBRUARY, fell(OAK, 4), told=False)
    taken = await warwickshire.hears(MARCH, taken_back(OAK, None, why=why))
    await warwickshire.takes(taken)

    async def listed(who: dict[str, Any]) -> list[int]:
        answer = (await ask(f"/bodies/{GROUP}/lists", who)).json()
        return [entry["category"] for entry in answer["schools_in_category_3_or_4"]]

    assert [await listed(who) for who in (OFFICER, ADA)] == [[4], []]


async def test_a_4_that_counts_again_is_on_the_members_list_since_the_day_on_which_that_was_told(
    ask: Ask, warwickshire: Meetings
) -> None:
    """R0.8: an untold 1 is in force."""
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, urn=ELM))
    await warwickshire.hears(JANUARY, published(OAK, 4), published(OAK, 2))
    await warwickshire.hears(FEBRUARY, fell(OAK, 1), told=False)
    await warwickshire.hears(MARCH, taken_back(OAK, 4))
    assert (await ask(f"/bodies/{GROUP}/lists", ADA)).json()["schools_in_category_3_or_4"] == [
        {"urn": OAK, "school": f"School {OAK}", "category": 4, "since": MARCH.isoformat(), "school_told": True}
    ]


async def test_a_3_that_an_untold_entry_covers_is_on_the_members_list_though_no_outcome_is_told(
    ask: Ask, warwickshire: Meetings
) -> None:
    """R0.8: a late link or another policy brings it; school improvement sees what is in force."""
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, urn=ELM))
    await warwickshire.hears(JANUARY, fell(OAK, 4), told=False)
    inherited = fell(OAK, 3).model_copy(update={"because": "inherited", "on": FEBRUARY})
    await warwickshire.hears(MARCH, CategoryAsToldChanged(**dict(inherited)))

    async def listed(who: dict[str, Any]) -> list[tuple[int, str]]:
        answer = (await ask(f"/bodies/{GROUP}/lists", who)).json()
        return [(entry["category"], entry["since"]) for entry in answer["schools_in_category_3_or_4"]]

    assert await listed(OFFICER) == [(4, JANUARY.isoformat())]
    assert await listed(ADA) == [(3, FEBRUARY.isoformat())]


async def test_a_closed_school_is_on_no_list(ask: Ask, warwickshire: Meetings) -> None:
    await warwickshire.hears(JANUARY, fell(OAK, 4), school(OAK, is_open=False))
    assert (await ask(f"/bodies/{GROUP}/lists", OFFICER)).json()["schools_in_category_3_or_4"] == []


@pytest.mark.parametrize("who", [FINANCE, BEA])
async def test_the_lists_are_not_for_other_departments_nor_chairs_of_other_areas(ask: Ask, who: dict[str, Any]) -> None:
    """R0.8"""
    assert (await ask(f"/bodies/{GROUP}/lists", who)).status_code == 403


async def test_a_head_and_the_regional_office_may_not_ask_for_lists(ask: Ask) -> None:
    for role in ("headteacher", "rd.liaison", "la.finance"):
        assert (await ask(f"/bodies/{GROUP}/lists", {"roles": [role]})).status_code == 403


async def test_a_vulnerable_aspect_is_recorded_once_and_each_reading_is_audited(
    ask: Ask, warwickshire: Meetings
) -> None:
    """W-26"""
    answer = await ask(f"/schools/{OAK}/vulnerable-aspects", OFFICER, aspect())
    assert answer.status_code == 201
    ((_, data, headers),) = await warwickshire.published("vulnerable-aspect.recorded")
    assert (data["urn"], data["body_id"], headers["key"]) == (OAK, str(GROUP), f"937/school/{OAK}")
    assert headers["ce_dataclassification"] == "confidential"
    again = await ask(f"/schools/{OAK}/vulnerable-aspects", OFFICER, aspect("Quality  of education"))
    assert (again.status_code, "already recorded" in again.json()["detail"]) == (409, True)

    (entry,) = (await ask(f"/bodies/{GROUP}/lists", OFFICER)).json()["schools_with_a_vulnerable_aspect"]
    assert (entry["urn"], entry["evaluation_area"]) == (OAK, "quality of education")
    readings = await warwickshire.rows("select who, subject from audit where what = 'read the lists of an area'")
    assert [tuple(reading) for reading in readings] == [("somebody", str(GROUP))]


async def test_a_chair_does_not_see_the_aspect_of_the_school_that_she_heads(ask: Ask, warwickshire: Meetings) -> None:
    """W-26"""
    await warwickshire.hears(JANUARY, takes_the_chair(1, JANUARY, urn=OAK))
    for urn in (OAK, ELM):
        await ask(f"/schools/{urn}/vulnerable-aspects", OFFICER, aspect())
    seen = (await ask(f"/bodies/{GROUP}/lists", ADA)).json()["schools_with_a_vulnerable_aspect"]
    assert [entry["urn"] for entry in seen] == [ELM]


async def test_a_withdrawn_aspect_stands_on_no_list_and_may_be_recorded_again(ask: Ask, warwickshire: Meetings) -> None:
    """W-26, R0.4: what was said of it stays said; the row stays with who withdrew it and why."""
    made = (await ask(f"/schools/{OAK}/vulnerable-aspects", OFFICER, aspect())).json()["aspect_id"]
    path = f"/vulnerable-aspects/{made}/withdraw"
    assert (await ask(path, OFFICER, {"reason": " "})).status_code == 422
    assert (await ask(path, OFFICER, {"reason": "Of another school"}, authority="801")).status_code == 403
    assert (await ask(path, {"roles": ["chair"]}, {"reason": "Of another school"})).status_code == 403
    assert len((await ask(f"/bodies/{GROUP}/lists", OFFICER)).json()["schools_with_a_vulnerable_aspect"]) == 1

    assert (await ask(path, OFFICER, {"reason": "Of another school"})).status_code == 200
    assert (await ask(f"/bodies/{GROUP}/lists", OFFICER)).json()["schools_with_a_vulnerable_aspect"] == []
    ((_, data, headers),) = await warwickshire.published("vulnerable-aspect.withdrawn")
    assert (data["aspect_id"], data["urn"], headers["key"]) == (made, OAK, f"937/school/{OAK}")
    assert headers["ce_dataclassification"] == "confidential"
    assert "Of another school" not in str(data)
    kept = await warwickshire.rows("select withdrawn_by, withdrawn_because from vulnerable_aspect")
    assert [tuple(row) for row in kept] == [("somebody", "Of another school")]

    again = await ask(path, OFFICER, {"reason": "Twice"})
    assert (again.status_code, "withdrawn already" in again.json()["detail"]) == (409, True)
    assert (await ask(f"/vulnerable-aspects/{UUID(int=404)}/withdraw", OFFICER, {"reason": "Why"})).status_code == 404
    assert (await ask(f"/schools/{OAK}/vulnerable-aspects", OFFICER, aspect())).status_code == 201


async def test_an_aspect_of_a_school_with_no_group_or_in_no_register_is_refused(
    ask: Ask, warwickshire: Meetings
) -> None:
    """W-26"""
    await warwickshire.hears(JANUARY, school(QUAY, area=None))
    refused = await ask(f"/schools/{QUAY}/vulnerable-aspects", OFFICER, aspect())
    assert (refused.status_code, "falls to no Area Analysis Group" in refused.json()["detail"]) == (409, True)
    assert (await ask("/schools/999999/vulnerable-aspects", OFFICER, aspect())).status_code == 404
    assert (await ask(f"/schools/{OAK}/vulnerable-aspects", OFFICER, aspect("happiness"))).status_code == 422


async def test_members_of_a_group_are_chairs_and_of_a_consortium_schools(ask: Ask, warwickshire: Meetings) -> None:
    """W-25"""
    await warwickshire.hears(
        JANUARY,
        SchoolJoinedBody(body_id=CONSORTIUM, urn=OAK, from_date=JANUARY, lead=True),
        takes_the_chair(1, FEBRUARY),
    )
    today = (await ask(f"/bodies/{GROUP}/members", OFFICER)).json()
    later = (await ask(f"/bodies/{GROUP}/members?on={MARCH}", OFFICER)).json()
    assert (today["people"], [seat["person_id"] for seat in later["people"]]) == ([], [str(UUID(int=1))])
    heads = (await ask(f"/bodies/{CONSORTIUM}/members", OFFICER)).json()
    assert [seat["urn"] for seat in heads["schools"]] == [OAK]
