"""Bodies that lie in no area, in one, or in several (W-25, W-29)."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.membership.store import bodies
from tests.store.membership.asking import DEMO, OFFICER, Ask
from tests.store.membership.conftest import Authority

NORTH, NUNEATON = "North Warwickshire", "Nuneaton and Bedworth"


def network(**said: Any) -> dict[str, Any]:
    body = {"body_id": str(uuid4()), "kind": "area-network", "name": "North area network", "opened_on": "2023-09-01"}
    return {"authority": "937", "bodies": [body | said]}


@pytest.mark.parametrize(
    ("said", "area", "areas"),
    [
        ({"areas": [NUNEATON, NORTH]}, None, [NORTH, NUNEATON]),
        ({"areas": [NORTH]}, NORTH, [NORTH]),
        ({"area": NORTH}, NORTH, [NORTH]),
        ({}, None, []),
    ],
)
async def test_a_body_is_told_with_its_areas_and_with_the_one_where_it_is_one(
    ask: Ask,
    abbey: Authority,
    said: dict[str, Any],
    area: str | None,
    areas: list[str],
) -> None:
    """W-29. Readers that know of one area only are never told one of two."""
    await abbey.forget_said()
    document = network(**said)
    assert (await ask("/take-on", DEMO, document)).status_code == 201
    (told,) = await abbey.said("body.recorded")
    assert (told.data["area"], told.data["areas"]) == (area, areas)
    answer = (await ask(f"/bodies/{told.data['body_id']}", OFFICER)).json()
    assert (answer["area"], answer["areas"]) == (area, areas)
    async with abbey.store.unit() as uow:
        assert list((await bodies.body(uow, abbey.body_id)).areas) == ["Central"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"area": NORTH, "areas": [NUNEATON]}, "say either area or areas"),
        ({"kind": "area-analysis-group", "areas": [NORTH, NUNEATON]}, "that of one area"),
        ({"kind": "area-analysis-group"}, "that of one area"),
    ],
)
async def test_what_does_not_say_clearly_in_which_area_it_lies_is_refused(
    ask: Ask,
    said: dict[str, Any],
    sentence: str,
) -> None:
    answer = await ask("/take-on", DEMO, network(**said))
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_demos_north_network_lies_in_the_two_areas_without_a_network_of_their_own() -> None:
    """W-29; which areas it spans is invented."""
    from infra.demo.bodies import take_on

    first = take_on("937")[date(2023, 9, 1)]
    areas = {body["name"]: body["areas"] for body in first["bodies"] if body["kind"] == "area-network"}
    assert areas["North area network"] == [NORTH, NUNEATON]
    assert {name: len(each) for name, each in areas.items() if name != "North area network"} == {
        f"{name} area network": 1 for name in ("Central", "East", "South")
    }
