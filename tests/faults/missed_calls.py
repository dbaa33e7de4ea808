"""The same of what standing loops of membership do: inspection calls that go on by themselves, and how people are reached."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.faults.final import Final
from tests.faults.good_run import CALLED, INTERNAL, asked_about
from tests.faults.history import History
from tests.faults.must_read import PEOPLE


def leave_a_call_where_it_is(history: History, final: Final) -> None:
    """Whoever watches dies, and nobody watches in his place."""
    _change(final, "passed on", out_of_time=True)


def ask_nobody_in_her_place(history: History, final: Final) -> None:
    """That her time has run out is committed, and that the next is asked is not."""
    _change(final, "passed on", answers=("no-answer", "no-answer"))


def keep_a_reported_call_open(history: History, final: Final) -> None:
    """A report is looked for once, and whoever looked died."""
    _change(final, "reported", closed_because="")


def lose_a_call(history: History, final: Final) -> None:
    """A call was answered with yes, and its transaction was never committed."""
    final.calls = {"reported": final.calls["reported"]}


def ask_and_tell_nobody(history: History, final: Final) -> None:
    """The next in line is asked in the table, and no record says so."""
    _change(final, "passed on", answers=("no-answer", "no-answer", "waiting"))


def write_to_nobody_who_is_asked(history: History, final: Final) -> None:
    """The record is read, and whoever is asked hears nothing."""
    final.asked_of = {f"{CALLED} 1": 2, f"{CALLED} 3": 2}


def ask_the_next_twice(history: History, final: Final) -> None:
    """Two watch at once, and each asks the next in line."""
    _also_asked(final, place=2)


def ask_before_the_commit(history: History, final: Final) -> None:
    """Somebody is asked by a transaction that was rolled back."""
    _also_asked(final, place=3)


def close_without_a_report(history: History, final: Final) -> None:
    """An outcome of an earlier inspection closes the call."""
    _change(final, "reported", reported=False)


def end_with_an_old_record(history: History, final: Final) -> None:
    """A relay that stood still sends late what it had of a person, and nobody says her anew."""
    final.topics[PEOPLE].append(final.topics[PEOPLE][1])


def write_to_an_old_address(history: History, final: Final) -> None:
    """Notifications takes the old record for the newest."""
    final.written_to = {"head": "head@before.example"}


def forget_new_details(history: History, final: Final) -> None:
    """New details were answered with yes, and never committed."""
    final.emails = final.written_to = {"head": "head@before.example"}


def _change(final: Final, call: str, **to: Any) -> None:
    changed = replace(final.calls[call], **to)
    final.calls = {**final.calls, call: changed}


def _also_asked(final: Final, place: int) -> None:
    final.topics[INTERNAL].append(asked_about(5, "passed on", place, at_a_desk=True))
    final.heads[INTERNAL, CALLED] = 5


OF_CALLS: tuple[tuple[Callable[[History, Final], None], str], ...] = (
    (leave_a_call_where_it_is, "I1"),
    (ask_nobody_in_her_place, "I1"),
    (keep_a_reported_call_open, "I1"),
    (lose_a_call, "I1"),
    (ask_and_tell_nobody, "I1"),
    (write_to_nobody_who_is_asked, "I1"),
    (write_to_an_old_address, "I1"),
    (forget_new_details, "I1"),
    (ask_the_next_twice, "I2"),
    (end_with_an_old_record, "I3"),
    (ask_before_the_commit, "I4"),
    (close_without_a_report, "I4"),
)
