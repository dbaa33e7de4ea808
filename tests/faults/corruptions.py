"""What a run would leave behind if the product had a bug, for each checker of the whole: planted in a small good run."""

from collections.abc import Callable
from dataclasses import replace

from shared.messaging.rebuild import Rebuilt
from tests.faults.ends import NOBODY_SAW
from tests.faults.final import Final
from tests.faults.good_run import BODY, FINANCE, INTERNAL, SCHOOL, URN, told
from tests.faults.history import Ended, History
from tests.faults.missed_calls import OF_CALLS
from tests.faults.missed_effects import MISSED

Corruption = Callable[[History, Final], None]


def forget_an_outcome(history: History, final: Final) -> None:
    """An outcome was answered with yes, and its transaction was never committed."""
    final.outcomes = {"F1": 1}


def send_all_but_the_last(history: History, final: Final) -> None:
    """The relay deletes a row that it has not sent."""
    final.topics[INTERNAL] = [each for each in final.topics[INTERNAL] if (each.key, each.sequence) != (SCHOOL, 2)]


def leave_a_reader_behind(history: History, final: Final) -> None:
    """A consumer commits offsets before it works, and dies."""
    final.reached["meetings"][INTERNAL, SCHOOL] = 1


def never_read_a_topic(history: History, final: Final) -> None:
    """A consumer is never subscribed to a topic that it should read."""
    final.reached["meetings"] = {}


def stop_a_file_half_way(history: History, final: Final) -> None:
    """An import that was cut off is never taken up again."""
    final.imports = {"made-1.csv": "applying"}


def mint_ids_when_sending(history: History, final: Final) -> None:
    """A repeat on the topic has another id than the first."""
    final.topics[INTERNAL][3] = replace(final.topics[INTERNAL][3], id="another")


def number_one_event_twice(history: History, final: Final) -> None:
    """A retry inside the unit of work records its facts again."""
    final.topics[INTERNAL][2] = replace(final.topics[INTERNAL][2], id=f"{SCHOOL} 1")


def show_an_entry_twice_in_the_feed(history: History, final: Final) -> None:
    """The feed has no unique event id."""
    final.feed_doubled = 1


def send_backwards(history: History, final: Final) -> None:
    """The relay sends a batch from its end."""
    final.topics[INTERNAL].reverse()


def leave_a_hole_in_the_feed(history: History, final: Final) -> None:
    """The feed's numbers come from a sequence: a rollback leaves a hole."""
    final.feed_gaps = 1


def keep_what_was_refused(history: History, final: Final) -> None:
    """A request that was refused has been committed by a connection of its own."""
    final.outcomes = {**final.outcomes, "F3": 1}


def send_before_the_commit(history: History, final: Final) -> None:
    """A record is on the topic whose transaction was rolled back."""
    final.topics[INTERNAL].append(told(SCHOOL, 5, "membership.outcome.published", names="F9"))


def lose_a_posting(history: History, final: Final) -> None:
    """Half of an entry is committed, and made good later: only a look at the wrong moment sees it."""
    history.seen[0].found["of_all"] = 1200


def overdraw_an_account(history: History, final: Final) -> None:
    """A reversal is posted twice."""
    final.money = {**final.money, "below_zero": 1}


def keep_a_projection_by_batches(history: History, final: Final) -> None:
    """A projection depends on how its records were batched."""
    final.rebuilt["meetings"] = [Rebuilt("school", 3, 3, 2)]


def park_without_end(history: History, final: Final) -> None:
    """Giving up a parked message does not let go of those behind it."""
    final.parked["meetings"] = [f"{INTERNAL} {SCHOOL} at 0/2: waiting (behind)"]


def drop_a_batch(history: History, final: Final) -> None:
    """One bad record, and the whole batch has no fate."""
    final.reached["meetings"][INTERNAL, BODY] = 0


def never_catch_up(history: History, final: Final) -> None:
    """A consumer waits for ever on a connection that is half open."""
    history.windows[0] = replace(history.windows[0], recovery=None)


def end_while_the_broker_is_away(history: History, final: Final) -> None:
    """A reader ends its process where it should wait, and is started again: all is well two seconds later."""
    history.ends.append(Ended("funding", 12, 1.5, "exit status 71", said="inbox.no_fate"))


def be_started_once_more(history: History, final: Final) -> None:
    """A process is gone, and nobody knows how: it is only started once more."""
    history.ends.append(Ended("funding", 12, 1.5, NOBODY_SAW))


def answer_twice(history: History, final: Final) -> None:
    """The key is looked up outside the transaction: of two requests at once both do the work."""
    history.operations[0] = replace(history.operations[0], answers=("a", "b"))


def ask_under_an_old_key(history: History, final: Final) -> None:
    """A key forgotten with the process: what is asked again takes effect again."""
    final.outcomes = {"F1": 2, "F2": 2}


def leave_a_school_alone(history: History, final: Final) -> None:
    """A change of chair ends the old answer and begins none."""
    final.speakers = {}


def have_two_answer(history: History, final: Final) -> None:
    """Two changes at once, each of which looked before the other committed."""
    final.speakers = {(URN, "general"): [("chair", "1", "", "p"), ("system-leader", "", "", "q")]}


def tell_finance_of_a_category(history: History, final: Final) -> None:
    """The allow-list is by type alone, and a restricted record of an allowed type gets out."""
    final.topics[FINANCE].append(told(BODY, 2, "membership.body.recorded", "restricted"))
    final.heads[FINANCE, BODY] = 2


def feed_before_the_school(history: History, final: Final) -> None:
    """The feed does not wait until the school is told."""
    final.told_too_early = ["an event"]


def record_a_delivery_first(history: History, final: Final) -> None:
    """A webhook counts as delivered before its receiver has answered."""
    final.received["finance"] = {}


def mail_before_the_school(history: History, final: Final) -> None:
    """The new speaker is written to before the school knows that he speaks."""
    final.mailed_too_early = ["an event"]


def name_a_school_in_a_log(history: History, final: Final) -> None:
    """A line of the log quotes what an error says."""
    final.named_in_logs = [f"line 1 of membership.log names {URN}"]


def enter_twice(history: History, final: Final) -> None:
    """A key that holds for outcomes and not for entries."""
    final.entries = {"entry 1": 2}


CORRUPTIONS: tuple[tuple[Corruption, str], ...] = (
    (forget_an_outcome, "I1"),
    (send_all_but_the_last, "I1"),
    (leave_a_reader_behind, "I1"),
    (stop_a_file_half_way, "I1"),
    (record_a_delivery_first, "I1"),
    (never_read_a_topic, "I1"),
    (mint_ids_when_sending, "I2"),
    (number_one_event_twice, "I2"),
    (show_an_entry_twice_in_the_feed, "I2"),
    (send_backwards, "I3"),
    (leave_a_hole_in_the_feed, "I3"),
    (keep_what_was_refused, "I4"),
    (send_before_the_commit, "I4"),
    (lose_a_posting, "I5"),
    (overdraw_an_account, "I5"),
    (keep_a_projection_by_batches, "I7"),
    (park_without_end, "I9"),
    (drop_a_batch, "I9"),
    (never_catch_up, "I10"),
    (end_while_the_broker_is_away, "I10"),
    (be_started_once_more, "I10"),
    (answer_twice, "I11"),
    (ask_under_an_old_key, "I11"),
    (enter_twice, "I11"),
    (leave_a_school_alone, "I12"),
    (have_two_answer, "I12"),
    (tell_finance_of_a_category, "I13"),
    (feed_before_the_school, "I13"),
    (mail_before_the_school, "I13"),
    (name_a_school_in_a_log, "I13"),
    *MISSED,
    *OF_CALLS,
)
