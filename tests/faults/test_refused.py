"""Only what was asked for so that it is refused may be refused: an outage must not pass for an answer."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults.asked import Asked
from tests.faults.asking import Answer
from tests.faults.checks import violations
from tests.faults.good_run import good_run
from tests.faults.history import FAILED, OK, Journal, Operation, read
from tests.faults.load import Load
from tests.faults.plan import short

YES, BUSY = Answer(201, {}, b"{}"), Answer(429, {}, b'{"detail": "too many at once"}')


class Answered(Load):
    """One officer, whose requests are given these answers."""

    def __init__(self, folder: Path, *answers: Answer):
        super().__init__(Journal(folder / "history.jsonl"), lambda _: [], "", plan=short(1), room=lambda: True)
        self.answers = list(answers)

    async def _post(self, asked: Asked, key: str) -> Answer | None:
        return self.answers.pop(0)


async def _asked(folder: Path, *answers: Answer) -> Operation:
    load = Answered(folder, *answers)
    await load.ask(Asked("meeting", "meeting 9", "meetings", "/meetings", {}, len(answers) > 1, {"name": "9"}))
    load.journal.close()
    (done,) = read(load.journal.path).operations
    return done


async def test_a_refusal_is_kept_with_what_it_said(tmp_path: Path) -> None:
    done = await _asked(tmp_path, BUSY)
    assert (done.outcome, done.status, done.why_not) == (FAILED, 429, '{"detail": "too many at once"}')


@pytest.mark.parametrize("answers", [(YES, BUSY), (BUSY, YES)])
async def test_of_two_who_ask_at_once_neither_may_be_refused(answers: tuple[Answer, ...], tmp_path: Path) -> None:
    done = await _asked(tmp_path, *answers)
    assert (done.outcome, done.status) == (FAILED, 429)


async def test_a_write_that_is_refused_and_was_right_is_found_with_its_words(tmp_path: Path) -> None:
    """A limit that an outage runs into: every write of those seconds is answered with 429 and left alone."""
    history, final = good_run()
    history.operations.append(await _asked(tmp_path, BUSY))
    (finding,) = violations(history, final)["I10"]
    assert "meeting 9 was refused with 429" in finding
    assert "too many at once" in finding


@pytest.mark.parametrize(("status", "wrong"), [(409, 0), (403, 1), (429, 1)])
def test_what_is_too_early_must_be_refused_for_that_and_for_nothing_else(status: int, wrong: int) -> None:
    history, final = good_run()
    history.operations.append(Operation("too early", "F7", "k11", 0, 1, FAILED, 1, status))
    assert len(violations(history, final)["I10"]) == wrong


def test_what_is_too_early_and_is_accepted_is_found() -> None:
    history, final = good_run()
    history.operations.append(Operation("too early", "F7", "k11", 0, 1, OK, 1, 201))
    found: dict[str, Any] = violations(history, final)
    assert found["I1"] == ["too early F7 was accepted, and nobody looks for it"]
