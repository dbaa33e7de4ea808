"""`consortia import` and `imports`: what is no file, and what waits for the clock, is said in words and waited for by nobody."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.trouble import Trouble
from tests.unit.commands.conftest import Membership, Run

ID = "01900000-0000-7000-8000-000000000001"
CLOCK = "The clock says 4 March 2024. Look at it; if it is right, confirm it (`consortia tick --confirm`)"
TAKEN_IN: dict[str, Any] = {
    **{"import_id": ID, "kind": "gias", "name": "register.csv", "layout": "GIAS establishments", "as_at": "2024-03-01"},
    **{
        "state": "applying",
        "lines": 2,
        "position": 0,
        "notes": [],
        "warnings": [],
        "problems": [],
        "problems_found": 0,
        "warnings_found": 0,
        "schools": {},
    },
    **{"report": {}, "dry_run": False, "failure": None},
    "waiting": {"lines": 0, "for": {}, "because": None, "for_the_clock": CLOCK},
}


def test_a_folder_or_a_file_that_is_not_there_is_no_register(membership: Membership, run: Run, tmp_path: Path) -> None:
    for path, says in (
        (tmp_path, "cannot be read: Is a directory"),
        (tmp_path / "none.csv", "cannot be read: No such"),
    ):
        ended = run("import", "gias", str(path))
        assert isinstance(ended.exception, Trouble)
        assert says in ended.exception.sentence
        assert "Give the path of a CSV file" in ended.exception.cure
    assert membership.asked == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_file_that_waits_for_the_clock_is_not_waited_for_but_said_to_wait(
    membership: Membership, run: Run, tmp_path: Path, how: tuple[str, ...]
) -> None:
    """D3.10: it waits until somebody confirms the clock, which may be for ever."""
    file = tmp_path / "register.csv"
    file.write_text("URN\n900001\n")
    membership.answers = {"POST /imports/gias": {"import_id": ID}, f"GET /imports/{ID}": TAKEN_IN}
    ended = run("import", "gias", str(file), *how)
    assert isinstance(ended.exception, Trouble)
    assert "register.csv was taken in and waits" in ended.exception.sentence
    assert "`consortia tick --confirm`" in ended.exception.sentence
    assert "nobody has to send the file again" in ended.exception.cure
    assert [path for path, _, _ in membership.asked] == ["POST /imports/gias", f"GET /imports/{ID}"]
    if how:
        assert json.loads(ended.stdout)["waiting"]["for_the_clock"] == CLOCK
    else:
        assert "applying" in ended.stdout


def test_the_list_names_what_waits_for_the_clock_and_nothing_that_is_only_being_applied(
    membership: Membership, run: Run
) -> None:
    """D3.10"""
    applied = TAKEN_IN | {"import_id": "another", "waiting": TAKEN_IN["waiting"] | {"for_the_clock": None}}
    membership.answers = {"GET /imports": [applied]}
    assert "another" in run("imports", "list", "--all").stdout

    class ByState(dict[str, Any]):
        """The lists of the three states, in the order in which they are asked for."""

        def get(self, key: str, default: Any = None) -> Any:
            state = membership.asked[-1][1]
            return [applied, TAKEN_IN] if state == "state=applying" else []

    membership.answers = ByState()
    said = run("imports", "list").stdout
    assert "register.csv was taken in and waits" in said
    assert "`consortia tick --confirm`" in said
    assert "another" not in said


def test_an_import_that_is_tried_again_while_the_clock_waits_says_so(membership: Membership, run: Run) -> None:
    """D3.10"""
    membership.answers = {f"POST /imports/{ID}/retry": TAKEN_IN}
    assert "`consortia tick --confirm`" in run("imports", "retry", ID).stdout


def wrong(line: int) -> dict[str, object]:
    return {"line": line, "column": "URN", "value": "x", "cure": "Write a number."}


def imported(membership: Membership, *, problems: int = 0, warnings: int = 0) -> None:
    """A file of which so many lines can't be taken, or were taken and look wrong; a thousand of each are kept."""
    membership.answers = {
        "POST /imports/gias": {"import_id": "1"},
        "GET /imports/1": {
            "import_id": "1",
            "name": "gias.csv",
            "layout": "GIAS",
            "as_at": "2024-06-17",
            "state": "refused" if problems else "done",
            "lines": 5000,
            "position": 5000,
            "dry_run": False,
            "notes": [],
            "problems_found": problems,
            "warnings_found": warnings,
            "problems": [wrong(line) for line in range(min(problems, 1000))],
            "warnings": [wrong(line) for line in range(min(warnings, 1000))],
            "report": {},
            "schools": {},
            "waiting": {"because": None, "for_the_clock": None},
            "failure": None,
        },
        "GET /imports/1/problems.csv": ["the lines"],
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gias.csv"
    path.write_text("URN\n125677\n")
    return path


def test_where_the_lines_that_are_wrong_can_not_be_written_the_file_is_not_even_sent(
    membership: Membership, run: Run, tmp_path: Path, file: Path
) -> None:
    """An officer who reads an error takes it that nothing was done."""
    imported(membership)
    for path, says in ((tmp_path, "Is a directory"), (tmp_path / "none" / "wrong.csv", "No such file")):
        ended = run("import", "gias", str(file), "--problems", str(path))
        assert isinstance(ended.exception, Trouble)
        assert f"{path} cannot be written: {says}" in ended.exception.sentence
        assert "Nothing was sent" in ended.exception.cure
    itself = run("import", "gias", str(file), "--problems", str(file))
    assert isinstance(itself.exception, Trouble)
    assert "is the file that is to be imported" in itself.exception.sentence
    assert file.read_text() == "URN\n125677\n"
    assert membership.asked == []


def test_the_lines_that_are_wrong_are_written_in_the_place_of_those_of_an_earlier_import(
    membership: Membership, run: Run, tmp_path: Path, file: Path
) -> None:
    imported(membership, warnings=2)
    path = tmp_path / "wrong.csv"
    path.write_text("of an earlier import, and longer than the lines of this one")
    ended = run("import", "gias", str(file), "--problems", str(path))
    assert ended.exit_code == 0, ended.output
    assert json.loads(path.read_text()) == ["the lines"]
    assert membership.asked[0] == ("POST /imports/gias", "name=gias.csv", "URN\n125677\n")
    assert "2 lines were taken that somebody should look at" in ended.stdout
    assert "wrong.csv has 2 lines to look at" in ended.stdout


@pytest.mark.parametrize(
    ("found", "table", "csv"),
    [
        ({"problems": 2345}, "2345 lines can't be taken; these are the first 20 of 2345", "the first 1000 of 2345"),
        ({"warnings": 1500}, "should look at; these are the first 20 of 1500", "the first 1000 of 1500"),
        ({"problems": 21}, "21 lines can't be taken; these are the first 20 of 21", "has 21 lines"),
    ],
)
def test_where_not_every_line_is_shown_or_written_it_is_said_how_many_there_are(
    membership: Membership, run: Run, tmp_path: Path, file: Path, found: dict[str, int], table: str, csv: str
) -> None:
    """Whoever puts right what she was shown, and sends the file again, expects that it is taken."""
    imported(membership, **found)
    said = run("import", "gias", str(file), "--problems", str(tmp_path / "wrong.csv")).stdout
    assert table in said
    assert csv in said.replace("\n", " ")


def test_a_dry_run_names_the_schools_that_would_change(membership: Membership, run: Run, file: Path) -> None:
    """Whoever reads that three categories would change looks at these three schools before she imports the file."""
    imported(membership)
    found = membership.answers["GET /imports/1"]
    found |= {"dry_run": True, "report": {"schools_new": 1, "categories_changed": 3}}
    found["schools"] = {"schools_new": ["125678"], "categories_changed": ["125677", "125679"]}
    said = run("import", "gias", str(file), "--dry-run").stdout
    assert "schools that were not in the register, 1: 125678" in said
    assert "categories in force that change, the first 2 of 3: 125677, 125679" in said
