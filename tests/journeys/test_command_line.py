"""The `consortia` command against the running product: every read as JSON, every command followed by its id."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.local.__main__ import app
from infra.local.trouble import Trouble
from tests.eventually import eventually
from tests.journeys.conftest import Whole

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


def run(whole: Whole, *arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments), env={"CONSORTIA_DATA": str(whole.stack.state), "COLUMNS": "200"})
    if isinstance(result.exception, Trouble):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def read(whole: Whole, *arguments: str) -> Any:
    return json.loads(run(whole, *arguments, "--json").stdout)


async def a_school(whole: Whole) -> str:
    """A Warwickshire school in a body, with a category by inspection."""
    speakers = await whole.consortia["membership"].get("/speakers", authority="937")
    return str(next(each["urn"] for each in speakers if each["role"] == "chair"))


async def test_who_speaks_answers_both_matters_and_one_alone(whole: Whole) -> None:
    urn = await a_school(whole)
    both = read(whole, "who-speaks", urn)
    assert set(both) == {"general", "inspection"}
    assert both["general"]["role"] == "chair"
    one = read(whole, "who-speaks", urn, "--matter", "inspection", "--on", whole.today.isoformat())
    assert one["matter"] == "inspection"
    said = run(whole, "who-speaks", urn).stdout
    assert both["general"]["school_name"] in said
    assert both["general"]["person"]["name"] in said


async def test_a_category_set_by_command_is_followed_to_its_end(whole: Whole) -> None:
    """D5: by its correlation id, as a tree and as JSON, in the journey and in the stream of events."""
    urn = await a_school(whole)
    done = read(
        whole, "la-category", "set", urn, "4", "--from", whole.today.isoformat(), "--reason", "visit of the adviser"
    )
    correlation = done["correlation_id"]
    await whole.consortia.drain()
    journey = read(whole, "journey", correlation)
    assert {"membership", "notifications"} <= set(journey["services"])
    types = [step["type"] for step in journey["steps"]]
    assert types[0].startswith("consortia.membership.la-category.set")
    tree = run(whole, "journey", correlation).stdout
    assert "representation.reassigned" in tree
    assert "/zipkin/traces/" in tree
    said = run(whole, "events", "tail", "--no-follow", "--key", urn, "--json").stdout
    records = [json.loads(line) for line in said.splitlines()]
    assert {"consortia.membership.la-category.set.v1", "consortia.membership.representation.reassigned.v1"} <= {
        record["type"] for record in records if record["correlation_id"] == correlation
    }
    assert "visit of the adviser" not in said, "the reason stays with membership"
    told = read(whole, "school", "told", urn, "--on", whole.today.isoformat())
    assert correlation in told["releases"]


async def test_the_stream_of_events_shows_no_persons_name_or_address(whole: Whole) -> None:
    said = run(whole, "events", "tail", "--no-follow", "--type", "person.recorded", "--json").stdout
    records = [json.loads(line) for line in said.splitlines()]
    assert records
    assert {record["data"] for record in records} == {"(personal)"}


async def test_a_refusal_is_the_sentence_of_the_service(whole: Whole) -> None:
    with pytest.raises(Trouble, match="There is no school with the URN 999999"):
        run(whole, "who-speaks", "999999")


async def test_a_date_that_is_none_is_refused_before_anything_is_sent(whole: Whole) -> None:
    with pytest.raises(Trouble, match=r"2026-02-30 is not a date\. Write it as"):
        run(whole, "school", "told", "125677", "--on", "2026-02-30")


async def test_a_file_that_is_another_register_is_refused_with_what_is_wrong(whole: Whole, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("this,that\n1,2\n")
    with pytest.raises(Trouble, match=r"membership refused|was refused"):
        run(whole, "import", "gias", str(wrong))


async def test_nothing_is_parked_after_a_good_day(whole: Whole) -> None:
    await whole.consortia.drain()
    assert read(whole, "parked", "list") == []
    with pytest.raises(Trouble, match="No service has a parked message"):
        run(whole, "parked", "show", "01900000-0000-7000-8000-000000000000")


async def test_the_clock_of_all_services_is_one(whole: Whole) -> None:
    found = read(whole, "tick", "--today", whole.today.isoformat())
    assert {each["today"] for each in found.values()} == {whole.today.isoformat()}


async def test_the_projections_of_a_service_equal_their_own_rebuild(whole: Whole) -> None:
    """I7, on the whole product: the service stands still, its projections are replayed, compared and swapped."""
    await whole.consortia.drain()
    said = run(whole, "rebuild", "meetings").stdout
    assert "school: " in said
    assert all(" 0 differ" in line for line in said.strip().splitlines())
    states = await eventually(lambda: {each["name"]: each["state"] for each in read(whole, "status")["programs"]})
    assert states["meetings"] == "RUNNING"
