"""A report says of which code it is, and an old list of planted bugs that it is old."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.faults import planted_list
from tests.faults.bugs import run_of
from tests.faults.bugs_found import codes, read, results, written
from tests.faults.page import _planted
from tests.faults.stamp import NOT_SAID, stamp

DAY = date(2026, 11, 30)
OLD, NEW = "1 November 2026, 1234567", "30 November 2026, 89abcde with changes"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody.example")
    for words in (("init", "--quiet"), (*somebody, "commit", "--quiet", "--allow-empty", "--message", "First")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def test_a_stamp_is_the_day_the_commit_and_whether_more_was_changed(repository: Path) -> None:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=repository, capture_output=True, text=True, check=True
    )
    clean = f"30 November 2026, {said.stdout.strip()}"
    assert stamp(repository, DAY) == clean
    (repository / "docs" / "faults").mkdir(parents=True)
    (repository / "docs" / "faults" / "bugs.txt").write_text("written by the run before this one")
    assert stamp(repository, DAY) == clean
    (repository / "relay.py").write_text("another relay")
    assert stamp(repository, DAY) == f"{clean} with changes"


def test_without_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert stamp(tmp_path, DAY) == "30 November 2026, no commit that git knows of"


def test_a_list_of_planted_bugs_says_of_which_code_each_run_was() -> None:
    """Some may have been run again, and the others not."""
    old = results(run_of("nothing"), {}, code=OLD)
    new = results(run_of("a_refusal_that_is_kept"), {"I4": ["F1 was refused, and is there all the same"]}, code=NEW)
    assert read(written([*old, *new])) == [*old, *new]
    assert f"\nof {OLD}; {NEW}\n" in written([*old, *new])
    assert codes(new) == NEW
    without = results(run_of("nothing"), {})
    assert read(written(without)) == without
    assert codes(without) == codes([]) == NOT_SAID


def test_a_report_says_above_its_list_of_which_code_the_list_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planted_list.bugs_found, "kept_results", lambda: results(run_of("nothing"), {}, code=OLD))
    assert f"in {planted_list.STACK}, of {OLD}\n" in planted_list.table()
    assert f"looked for in {OLD}." in _planted()
