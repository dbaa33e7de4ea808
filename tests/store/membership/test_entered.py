"""What is typed a little wrong: spaces around a number, a year that can't be meant (R0.1, D3.11)."""

from typing import Any

import pytest

from tests.store.membership.asking import DEMO, OFFICER, Ask
from tests.store.membership.conftest import Authority


def outcome(number: str) -> dict[str, Any]:
    named = {"urn": "900003", "inspection_number": number, "kind": "graded", "headline": 3}
    return {"outcomes": [named | {"inspection_started_on": "2023-08-01", "published_on": "2023-09-01"}]}


async def test_an_inspection_number_with_a_space_is_the_number_by_which_the_file_knows_it(
    ask: Ask, abbey: Authority
) -> None:
    """R0.1: the later file matches what was recorded by hand by its inspection number."""
    sent = await ask("/outcomes", DEMO, outcome(" 12345 "))
    assert sent.status_code == 201, sent.text
    assert sent.json()["outcomes"][0]["inspection_number"] == "12345"
    again = await ask("/outcomes", DEMO, outcome("12345"))
    assert again.json()["outcomes"][0]["new"] is False


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/outcomes", outcome("  ")),
        ("/schools/900003/overrides", {"until": "2024-01-01", "reason": " "}),
        ("/take-on", {"authority": "937", "areas": [{"name": " ", "postcode_districts": []}]}),
    ],
)
async def test_what_is_blank_without_its_spaces_is_refused(ask: Ask, path: str, body: Any) -> None:
    assert (await ask(path, DEMO, body)).status_code == 422


FAR = {"from": "9999-06-01", "reason": "Why"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/schools/900002/explanation?known=9999-12-31", None),
        ("/schools/900002/speaker?on=0001-01-01", None),
        ("/schools/900002/la-category", FAR | {"category": 3}),
        ("/schools/900003/overrides", FAR | {"until": "9999-12-31"}),
        ("/schools/900003/allocations", {"person_id": "6d0f5b0e-5a0f-4b0e-8d0f-5b0e5a0f4b0e", "from": "9999-06-01"}),
        ("/take-on", {"authority": "937", "trust_contacts": [
            {"trust_id": "7001", "post": "chief-executive", "person_id": "6d0f5b0e-5a0f-4b0e-8d0f-5b0e5a0f4b0e",
             "from": "0024-03-01"}]}),
    ],
)  # fmt: skip
async def test_a_day_in_a_year_that_cannot_be_meant_is_refused_in_a_sentence(ask: Ask, path: str, body: Any) -> None:
    answer = await ask(path, OFFICER, body)
    assert answer.status_code == 422, answer.text
    assert "lies before 1900 or after 2200; check the year" in answer.json()["detail"]
