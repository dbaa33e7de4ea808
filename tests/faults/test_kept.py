"""A run that was kept can be judged again, by whatever the checkers are by then."""

from pathlib import Path

import pytest

from tests.faults import checks, kept
from tests.faults.good_run import good_run
from tests.faults.history import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The history of the good run in a file."""
    path = tmp_path / "history.jsonl"
    history, _ = good_run()
    journal = Journal(path)
    for each in (*history.operations, *history.seen, *history.windows):
        journal.keep(each)
    journal.close()
    return path


def test_a_run_that_was_kept_is_judged_again_as_it_was(journal: Path) -> None:
    """Nothing is found in the good run, and in one without an outcome's record what was found at once."""
    history, final = good_run()
    kept.keep(final, journal)
    assert kept.judged_again(journal) == checks.judged(history, final)

    final.heads = {stream: head + 1 for stream, head in final.heads.items()}
    kept.keep(final, journal)
    again = kept.judged_again(journal)
    assert again["I1"]
    assert again == checks.judged(history, final)
    assert kept.main(journal) == 1


def test_of_a_run_that_was_not_kept_it_is_said_how_to_keep_one(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kept.main(journal) == 2
    assert "--keep" in capsys.readouterr().err
