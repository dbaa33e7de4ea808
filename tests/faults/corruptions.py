"""What a run would leave behind if the product had a bug, for each checker of the whole: planted in a small good run."""

from collections.abc import Callable
from dataclasses import replace

from shared.messaging.rebuild import Rebuilt
from tests.faults.final import Final, Told
from tests.faults.history import FAILED, OK, History, Operation, Seen, Window

INTERNAL = "consortia.membership.events.v1"
FINANCE = "consortia.937.finance.events.v1"
SCHOOL, BODY = "937/school/125580", "937/body/1"


def _told(key: str, sequence: int, kind: str, sensitivity: str = "public", names: str = "") -> Told:
    return Told(key, sequence, f"{key} {sequence}", f"consortia.{kind}.v1", sensitivity, True, names)


def good_run() -> tuple[History, Final]:
    """Two outcomes, a refused one, an entry, a meeting and a file; a fault that healed; all told and applied."""
    operations = [
        Operation("outcomes", "F1", "k1", 0, 1, OK, 2, 201, ("a", "a"), {"numbers": ["F1", "F2"]}),
        Operation("too early", "F3", "k2", 0, 1, FAILED, 1, 409),
        Operation("entry", "entry 1", "k3", 0, 1, OK, 1, 201, ("b",)),
        Operation("meeting", "meeting 1", "k4", 0, 1, OK, 1, 201, ("c",), {"name": "1 2100-01-01"}),
        Operation("import", "file 1", "k5", 0, 1, OK, 1, 201, ("d",)),
    ]
    books = {"of_all": 0, "unequal": 0, "below_zero": 0, "postings": 8}
    seen = [
        Seen("money", 0.5, dict(books)),
        Seen("who-speaks", 0.6, {"urn": "125580", "matter": "general", "status": 200, "role": "chair"}),
    ]
    windows = [Window("meetings: kill -9", 0, 1, 2, 3, 10, recovery=1.0, crash_points=("relay.after_send",))]
    internal = [
        _told(SCHOOL, 1, "membership.outcome.published", names="F1"),
        _told(BODY, 1, "membership.body.recorded"),
        _told(SCHOOL, 2, "membership.outcome.published", names="F2"),
        _told(SCHOOL, 2, "membership.outcome.published", names="F2"),  # a repeat, which harms nobody
    ]
    final = Final(
        heads={(INTERNAL, SCHOOL): 2, (INTERNAL, BODY): 1, (FINANCE, BODY): 1},
        reached={"meetings": {(INTERNAL, SCHOOL): 2, (INTERNAL, BODY): 1}},
        topics={INTERNAL: internal, FINANCE: [_told(BODY, 1, "membership.body.recorded")]},
        readers={INTERNAL: ("meetings",), FINANCE: ()},
        outbox={"membership": 0},
        parked={"meetings": 0},
        outcomes={"F1": 1, "F2": 1},
        entries={"entry 1": 1},
        meetings={"1 2100-01-01": 1},
        imports={"made-1.csv": "done"},
        speakers={("125580", "general"): 1},
        must_answer=frozenset({("125580", "general")}),
        money=dict(books),
        delivered=[("finance", "1", "delivered")],
        received={"finance": {"1": "consortia.funding.award.opened.v1"}},
        rebuilt={"meetings": [Rebuilt("school", 3, 3, 0)]},
    )
    return History(operations, seen, windows), final


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
    final.topics[INTERNAL].append(_told(SCHOOL, 3, "membership.outcome.published", names="F9"))


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
    final.parked["meetings"] = 2


def drop_a_batch(history: History, final: Final) -> None:
    """One bad record, and the whole batch has no fate."""
    final.reached["meetings"][INTERNAL, BODY] = 0


def never_catch_up(history: History, final: Final) -> None:
    """A consumer waits for ever on a connection that is half open."""
    history.windows[0] = replace(history.windows[0], recovery=None)


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
    final.speakers = {("125580", "general"): 2}


def tell_finance_of_a_category(history: History, final: Final) -> None:
    """The allow-list is by type alone, and a restricted record of an allowed type gets out."""
    final.topics[FINANCE].append(_told(BODY, 2, "membership.body.recorded", "restricted"))
    final.heads[FINANCE, BODY] = 2


def feed_before_the_school(history: History, final: Final) -> None:
    """The feed does not wait until the school is told."""
    final.told_too_early = ["an event"]


def record_a_delivery_first(history: History, final: Final) -> None:
    """A webhook counts as delivered before its receiver has answered."""
    final.delivered.append(("finance", "2", "delivered"))


def mail_before_the_school(history: History, final: Final) -> None:
    """The new speaker is written to before the school knows that he speaks."""
    final.mailed_too_early = ["an event"]


def enter_twice(history: History, final: Final) -> None:
    """A key that holds for outcomes and not for entries."""
    final.entries = {"entry 1": 2}


Corruption = Callable[[History, Final], None]

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
    (answer_twice, "I11"),
    (ask_under_an_old_key, "I11"),
    (enter_twice, "I11"),
    (leave_a_school_alone, "I12"),
    (have_two_answer, "I12"),
    (tell_finance_of_a_category, "I13"),
    (feed_before_the_school, "I13"),
    (mail_before_the_school, "I13"),
)
