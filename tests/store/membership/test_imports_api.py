"""Sending files over HTTP: the dry run, the table of bad lines, and outcomes with a report card."""

import csv
import io
from datetime import date

import pytest

from services.membership.use_cases.import_files import apply_next_chunk
from shared.web.csv_answer import as_csv as table
from tests.store.membership.asking import DEMO, OFFICER, OPS, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_imports import DATA, GIAS, as_csv, first_lines
from tests.unit.membership.test_registers_layouts import a_card


async def test_a_dry_run_over_http_tells_what_would_change(ask: Ask, abbey: Authority) -> None:
    await abbey.forget_said()
    content = (DATA / GIAS).read_bytes()
    sent = await ask(f"/imports/gias?name={GIAS}&as_at=2024-06-17&dry_run=true", DEMO, content=content)
    assert (sent.status_code, sent.json()["dry_run"], sent.json()["layout"]) == (201, True, "GIAS establishments")
    while await abbey.do(apply_next_chunk):
        pass
    found = (await ask(f"/imports/{sent.json()['import_id']}", OPS)).json()
    assert (found["state"], found["dry_run"], found["report"]["schools_new"]) == ("done", True, 996)
    assert await abbey.said() == []
    assert await abbey.do(lambda uow: uow.value("select count(*) from school where authority = '801'")) == 0


SHORT = (
    "urn,name,local_authority_code,local_authority_name,phase_of_education,gender,status,status_code\n"
    "900003,{},937,Warwickshire,Primary,Mixed,Open,1\n"
)


async def test_a_file_of_a_day_that_has_not_come_is_refused(ask: Ask, abbey: Authority) -> None:
    """D3.11: of two files the later day counts, so a mistyped one would stand against every file until then."""
    for day, name in (("2099-01-01", "x.csv"), ("", "edubasealldata20990101.csv")):
        asked = f"as_at={day}&" if day else ""
        sent = await ask(f"/imports/gias?{asked}name={name}", DEMO, content=SHORT.format("Wrong Name").encode())
        assert sent.status_code == 422
        assert "can't be of 1 January 2099: that day has not come" in sent.json()["detail"]
    sent = await ask("/imports/gias?as_at=2024-01-01&name=x.csv", DEMO, content=SHORT.format("Right Name").encode())
    assert sent.status_code == 201
    while await abbey.do(apply_next_chunk):
        pass
    assert (await ask("/schools/900003", OFFICER)).json()["name"] == "Right Name"


async def test_a_file_of_which_nobody_says_the_day_is_refused(ask: Ask) -> None:
    """D3.11: an old file taken for today's would stand against all that lie between."""
    sent = await ask("/imports/gias?name=old.csv", DEMO, content=SHORT.format("Old Name").encode())
    assert sent.status_code == 422
    assert "Say of which day old.csv is" in sent.json()["detail"]
    assert (await ask("/imports", OPS)).json() == []


async def test_bad_lines_come_as_a_table_that_no_spreadsheet_can_run(ask: Ask) -> None:
    content = as_csv(first_lines(1, OpenDate="=cmd|'/C calc'!A0", URN="100001") + first_lines(1, URN="-7"))
    sent = await ask("/imports/gias?name=@SUM.csv&as_at=2024-06-17", DEMO, content=content)
    assert (sent.json()["state"], sent.json()["problems_found"]) == ("refused", 2)
    answer = await ask(f"/imports/{sent.json()['import_id']}/problems.csv", DEMO)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert header == ["file", "line", "column", "value", "cure"]
    assert [line[:4] for line in lines] == [
        ["'@SUM.csv", "2", "OpenDate", "'=cmd|'/C calc'!A0"],
        ["'@SUM.csv", "3", "URN", "'-7"],
    ]


def test_a_cell_that_a_spreadsheet_would_run_is_text_and_a_number_stays_one() -> None:
    assert table(["a", "b"], [["+44 1926", -7], ["\tx", None]]) == "a,b\r\n'+44 1926,-7\r\n'\tx,\r\n"


async def test_an_outcome_with_a_report_card_is_recorded_and_decides_the_category(ask: Ask, abbey: Authority) -> None:
    """R0.1"""
    await abbey.on(date(2026, 2, 27))
    outcome = {
        "urn": "900003",
        "inspection_number": "99000007",
        "kind": "graded",
        "inspection_started_on": "2026-01-13",
        "published_on": "2026-02-27",
        "safeguarding_effective": True,
        "report_card": {"inclusion": "expected standard", "achievement": "needs attention"},
    }
    await abbey.forget_said()
    assert (await ask("/outcomes", OFFICER, {"outcomes": [outcome]})).status_code == 201
    published, category, *_ = await abbey.said()
    assert published.data["grades"]["report_card"] == outcome["report_card"]
    assert (category.data["before"], category.data["after"]) == (None, 3)
    await abbey.forget_said()
    assert (await ask("/outcomes", OFFICER, {"outcomes": [outcome]})).status_code == 201
    assert await abbey.said() == []  # read back from the store it says the same
    wrong = outcome | {"report_card": {"inclusion": "very good"}}
    assert (await ask("/outcomes", OFFICER, {"outcomes": [wrong]})).status_code == 422


@pytest.mark.parametrize(("graded_on", "warned"), [("27/02/2026", 0), ("12/05/2026", 1), ("", 0)])
async def test_an_import_names_each_line_with_an_area_that_a_monitoring_visit_graded_again(
    ask: Ask, abbey: Authority, graded_on: str, warned: int
) -> None:
    """R0.1: its file has the visit's grade in the place of the inspection's own, so somebody has to look."""
    await abbey.on(date(2026, 6, 30))
    row = a_card(**{"Inclusion": "Needs attention", "Inclusion - date of grade": graded_on})
    for dry_run in ("true", "false"):
        path = f"/imports/ofsted?name=management.csv&as_at=2026-05-31&dry_run={dry_run}"
        sent = await ask(path, OFFICER, content=as_csv([row]))
        while await abbey.do(apply_next_chunk):
            pass
        found = (await ask(f"/imports/{sent.json()['import_id']}", OFFICER)).json()
        assert found["report"].get("outcomes_graded_again", 0) == warned, found
        warnings = [(each["line"], each["value"]) for each in found["warnings"]]
        assert warnings == [(2, "99000003")] * warned
        assert all("inclusion on 12 May 2026" in each["cure"] for each in found["warnings"])


async def test_a_dry_run_names_the_schools_that_would_change_to_officers_of_their_authority_alone(
    ask: Ask, abbey: Authority
) -> None:
    """R0.8: the ops team follows a file and sees no school; what is done names none, since it can be looked at."""
    for dry_run, named in (("true", {"schools_changed": ["900003"]}), ("false", {})):
        path = f"/imports/gias?name=short.csv&as_at=2023-12-31&dry_run={dry_run}"
        sent = await ask(path, OFFICER, content=SHORT.format("Oak School").encode())
        while await abbey.do(apply_next_chunk):
            pass
        elsewhere = {"roles": ["la.officer"], "authorities": ["801"]}
        mine, ops, theirs = [
            (await ask(f"/imports/{sent.json()['import_id']}", who)).json() for who in (OFFICER, OPS, elsewhere)
        ]
        assert (mine["report"]["schools_changed"], mine["schools"]) == (1, named)
        assert (ops["schools"], theirs["schools"]) == ({}, {})
        assert ops["report"] == theirs["report"] == mine["report"]
