"""Sending files over HTTP: the dry run, the table of bad lines, and outcomes with a report card."""

import csv
import io
from datetime import date

from services.membership.use_cases.import_files import apply_next_chunk
from shared.web.csv_answer import as_csv as table
from tests.store.membership.conftest import Authority
from tests.store.membership.test_api import DEMO, OFFICER, OPS, Ask, ask
from tests.store.membership.test_imports import DATA, GIAS, as_csv, first_lines

__all__ = ["ask"]


async def test_a_dry_run_over_http_tells_what_would_change(ask: Ask, abbey: Authority) -> None:
    await abbey.forget_said()
    content = (DATA / GIAS).read_bytes()
    sent = await ask(f"/imports/gias?name={GIAS}&dry_run=true", DEMO, content=content)
    assert (sent.status_code, sent.json()["dry_run"], sent.json()["layout"]) == (201, True, "GIAS establishments")
    while await abbey.do(apply_next_chunk):
        pass
    found = (await ask(f"/imports/{sent.json()['import_id']}", OPS)).json()
    assert (found["state"], found["dry_run"], found["report"]["schools_new"]) == ("done", True, 996)
    assert await abbey.said() == []
    assert await abbey.do(lambda uow: uow.value("select count(*) from school where authority = '801'")) == 0


async def test_bad_lines_come_as_a_table_that_no_spreadsheet_can_run(ask: Ask) -> None:
    content = as_csv(first_lines(1, OpenDate="=cmd|'/C calc'!A0", URN="100001") + first_lines(1, URN="-7"))
    sent = await ask("/imports/gias?name=@SUM.csv", DEMO, content=content)
    assert (sent.json()["state"], sent.json()["problems_found"]) == ("refused", 2)
    answer = await ask(f"/imports/{sent.json()['import_id']}/problems.csv", OPS)
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
