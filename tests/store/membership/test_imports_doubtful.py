"""A line that contradicts itself silences no school, and whoever sent the file is told of it (W-02, W-15)."""

import csv
import io
from datetime import date

import pytest

from services.membership.use_cases.import_files import apply_next_chunk
from tests.store.membership.asking import DEMO, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_imports import as_csv, first_lines

URN, DAY = "900001", date(2023, 10, 2)
OURS = {"LA (code)": "937", "LA (name)": "Warwickshire", "EstablishmentStatus (name)": "Open"}


async def _sent(ask: Ask, abbey: Authority, content: bytes, **query: str) -> dict[str, object]:
    query = {"name": "register.csv", "as_at": f"{DAY}"} | query
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    sent = (await ask(f"/imports/gias?{asked}", DEMO, content=content)).json()
    while await abbey.do(apply_next_chunk):
        pass
    found: dict[str, object] = (await ask(f"/imports/{sent['import_id']}", DEMO)).json()
    assert found["warnings"] == sent["warnings"]
    return found


@pytest.mark.parametrize(
    ("said", "column", "value", "taken_as"),
    [
        ({"CloseDate": "31-08-2019"}, "CloseDate", "31-08-2019", "is taken as open"),
        ({"CloseDate": "31-12-2099"}, "CloseDate", "31-12-2099", "without a day of closing"),
        ({"OpenDate": "01-09-2099"}, "OpenDate", "01-09-2099", "is taken as open"),
        ({"CloseDate": "30-12-1899"}, "CloseDate", "30-12-1899", "is taken as open"),
    ],
)
async def test_an_open_school_with_a_date_that_cannot_be_meant_keeps_its_speaker_and_the_line_is_named(
    ask: Ask, abbey: Authority, said: dict[str, str], column: str, value: str, taken_as: str
) -> None:
    """W-15: by that date alone nobody spoke for the school any longer, and nobody had been told."""
    before = await abbey.answers(URN)
    (row,) = first_lines(1, URN=URN, **OURS | said)
    found = await _sent(ask, abbey, as_csv([*first_lines(1, URN="900002"), row]))
    assert (found["state"], found["problems"]) == ("done", [])
    (warning,) = found["warnings"]  # type: ignore[misc]
    assert (warning["line"], warning["column"], warning["value"]) == (3, column, value)
    assert taken_as in warning["cure"]
    assert "register put right" in warning["cure"]
    assert (await abbey.answers(URN))[-1][2:] == before[-1][2:]
    assert await abbey.do(lambda uow: uow.value("select announced_open from school where urn = $1", URN))

    table = (await ask(f"/imports/{found['import_id']}/problems.csv", DEMO)).content.decode("utf-8-sig")
    header, line = csv.reader(io.StringIO(table, newline=""))
    assert dict(zip(header, line, strict=True))["cure"] == warning["cure"]
    assert line[:4] == ["register.csv", "3", column, value]


async def test_a_school_proposed_to_close_closes_on_its_day_and_the_line_is_named_where_that_is_past(
    ask: Ask, abbey: Authority
) -> None:
    (row,) = first_lines(
        1, URN=URN, CloseDate="31-08-2023", **OURS | {"EstablishmentStatus (name)": "Open, but proposed to close"}
    )
    found = await _sent(ask, abbey, as_csv([row]))
    (warning,) = found["warnings"]  # type: ignore[misc]
    assert "is taken as closed since then" in warning["cure"]
    assert not await abbey.do(lambda uow: uow.value("select announced_open from school where urn = $1", URN))


async def test_a_dry_run_names_the_line_too_and_a_line_in_order_is_not_named(ask: Ask, abbey: Authority) -> None:
    (row,) = first_lines(1, URN=URN, CloseDate="31-08-2019", **OURS)
    assert len((await _sent(ask, abbey, as_csv([row]), dry_run="true"))["warnings"]) == 1  # type: ignore[arg-type]
    planned = row | {"CloseDate": "31-08-2025", "OpenDate": "01-01-1900"}
    assert (await _sent(ask, abbey, as_csv([planned])))["warnings"] == []
