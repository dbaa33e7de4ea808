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
