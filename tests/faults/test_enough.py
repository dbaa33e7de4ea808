"""Nothing found where nothing was looked at, or where there was nothing to be found, is a finding too."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults import enough
from tests.faults.corruptions import Corruption
from tests.faults.ends import STARTS
from tests.faults.good_run import INTERNAL, good_run
from tests.faults.history import FAILED, History, Operation

EFFECTS: dict[str, tuple[Corruption, str]] = {
    "no change of who speaks could be read": (lambda _, final: final.topics.pop(INTERNAL), "I1"),
    "no school has a group with a meeting to come": (
        lambda _, final: setattr(final, "with_a_group", frozenset()),
        "I1",
    ),
    "nothing is on any agenda": (lambda _, final: setattr(final, "agenda", {}), "I1"),
    "no letter was sent": (lambda _, final: setattr(final, "letters", {}), "I1"),
    "no webhook was delivered": (lambda _, final: final.deliveries.clear(), "I1"),
    "the feed is empty": (lambda _, final: final.feed.clear(), "I1"),
    "nothing was refused": (lambda history, _: _only(history, lambda each: each.outcome != FAILED), "I4"),
    "nothing was asked twice and answered twice": (
        lambda history, _: _only(history, lambda each: len(each.answers) < 2),
        "I11",
    ),
}


def _only(history: History, which: Callable[[Operation], bool]) -> None:
    history.operations = [each for each in history.operations if which(each)]


@pytest.mark.parametrize("words", EFFECTS)
def test_a_run_in_which_there_was_no_effect_of_a_kind_proves_nothing_of_it(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enough, "A_WHILE", 0.0)
    history, final = good_run()
    assert list(enough.findings(history, final)) == []
    take_away, invariant = EFFECTS[words]
    take_away(history, final)
    assert (invariant, words) in list(enough.findings(history, final))


def test_of_whom_no_start_was_told_no_end_would_be_told_either() -> None:
    history, final = good_run()
    history.seen = [
        replace(each, found={**each.found, "funding": 0}) if each.what == STARTS else each for each in history.seen
    ]
    assert list(enough.findings(history, final)) == [
        ("I10", "no start of funding was told of, so its end would not be either")
    ]
    history.seen = [each for each in history.seen if each.what != STARTS]
    assert [invariant for invariant, _ in enough.findings(history, final)] == ["I10"] * 4
