"""Bugs planted in the services as they run in the stack, found by the checkers of `make faults` and nothing else.

python -m tests.faults.bugs                      all of them in a few runs, and the product as it is: `make bugs`
python -m tests.faults.bugs --docs               the same, and what was found to docs/faults/bugs.txt
python -m tests.faults --seed 1 --plant NAME     the run of one of them
"""

import argparse
import asyncio
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg

from infra.local.ports import SERVICES
from tests.faults import bug, plan
from tests.faults import bugs_in_messaging as messaging
from tests.faults import bugs_in_services as services
from tests.faults.bug import NOTHING, STANDS_STILL, Bug, Together
from tests.faults.bugs_cells import LONG, MIDDLE, forty_meetings, killed, killed_again_at, killed_at
from tests.faults.scenario import PATIENCE, Cell, Plan

if TYPE_CHECKING:
    from tests.faults.world import World

BUGS = (
    Bug("I1", "notifications", services.a_reaction_that_does_nothing, "the feed tells nothing of outcome"),
    Bug("I1", "meetings", services.an_agenda_that_forgets, "has another speaker, and is on no agenda"),
    Bug("I1", "membership", messaging.a_relay_that_forgets_first, "was committed and never sent"),
    Bug(
        "I1",
        "notifications",
        services.a_webhook_that_counts_before_it_is_sent,
        "by webhook: delivered, and not received",
    ),
    Bug("I2", "membership", messaging.a_word_before_the_commit, "was given to two events"),
    Bug("I2", "notifications", services.an_id_for_each_attempt, "webhook-ids, one of them not its own"),
    Bug("I3", "membership", messaging.a_relay_that_begins_at_the_end, ": [0-9]+ came after [0-9]+"),
    Bug("I3", "membership", messaging.a_number_of_its_own, ": [0-9]+ came after [0-9]+"),
    Bug("I3", "notifications", services.a_cursor_that_skips, "^the feed of .* showed .*: one is missing"),
    Bug("I4", "membership", messaging.a_refusal_that_is_kept, "was refused, and is there all the same"),
    Bug("I5", "funding", services.a_penny_short, "^at the end: [0-9]+ pence more than nothing", services.UNGUARDED),
    Bug("I5", "funding", services.an_award_that_is_posted_twice, "stands in the ledger with", services.TWICE),
    Bug("I7", "meetings", services.a_projection_that_keeps_the_last, "^meetings.category_change: [0-9]+ rows differ"),
    Bug("I9", "notifications", messaging.a_record_without_a_fate, "was passed by notifications"),
    Bug("I9", "notifications", messaging.a_mark_before_the_work, "was passed by notifications without effect"),
    Bug(
        "I10",
        "membership",
        messaging.a_lease_of_the_dead,
        "^membership: kill -9.*had not caught up",
        also=("I1", "^membership has [0-9]+ rows in its outbox"),
    ),
    Bug("I11", "membership", messaging.a_key_that_is_ignored, "was answered in [0-9]+ ways"),
    Bug("I12", "membership", services.an_answer_that_stays, "on (general|inspection) matters, where"),
    Bug("I13", "notifications", services.a_gate_that_is_open, "^somebody was (mailed|written to)"),
    Bug(
        "I13",
        "notifications",
        services.a_list_of_services,
        "^finance got .* by webhook|is nothing that finance may know",
    ),
)


def named(name: str) -> Bug:
    return next(each for each in BUGS if each.name == name)


def _together(*names: str, under: tuple[Cell, ...], patience: float = bug.PATIENCE) -> Together:
    return Together(tuple(map(named, names)), under, patience)


WITH_BUGS = (
    _together(
        "an_answer_that_stays",
        "an_id_for_each_attempt",
        "a_penny_short",
        under=killed(MIDDLE),
    ),
    _together(
        "a_key_that_is_ignored",
        "an_award_that_is_posted_twice",
        "an_agenda_that_forgets",
        under=(*forty_meetings(), *killed(LONG)),
    ),
    _together("a_refusal_that_is_kept", "a_reaction_that_does_nothing", under=killed()),
    _together("a_relay_that_begins_at_the_end", "a_gate_that_is_open", under=killed(LONG)),
    _together(
        "a_word_before_the_commit", "a_list_of_services", under=killed_again_at("unit.before_commit", "membership")
    ),
    _together("a_record_without_a_fate", "a_projection_that_keeps_the_last", under=killed()),
    _together(
        "a_webhook_that_counts_before_it_is_sent",
        "a_relay_that_forgets_first",
        under=(*killed_at("delivery.before_send", "notifications"), *killed_at("relay.before_send", "membership")),
        patience=STANDS_STILL,
    ),
    _together(
        "a_cursor_that_skips",
        "a_number_of_its_own",
        under=killed_again_at("unit.before_commit", "membership"),
        patience=STANDS_STILL,
    ),
    _together(
        "a_mark_before_the_work",
        "a_lease_of_the_dead",
        under=(*killed_at("inbox.after_commit", "notifications"), *killed()),
    ),
)


def _of_all() -> tuple[Cell, ...]:
    """Each fault once, and as long as the longest."""
    longest: dict[str, Cell] = {}
    for cell in (cell for each in WITH_BUGS for cell in each.cells):
        longest[cell.name] = max(longest.get(cell.name, cell), cell, key=lambda one: one.after)
    return tuple(longest.values())


WITHOUT = Together((), _of_all(), PATIENCE)  # of which nothing may be found
RUNS = (WITHOUT, *WITH_BUGS)


def run_of(name: str) -> Together:
    """By the name of one of its bugs."""
    return next(each for each in RUNS if name in (each.name, *(one.name for one in each.bugs)))


def going(together: Together, seed: int) -> Plan:
    """The short run's load under a few faults."""
    return replace(plan.short(seed), cells=together.cells, least_events=0)


async def plant(together: Together, world: "World") -> None:
    """From now on the services run with the bugs; without any all run as whoever has a bug does."""
    buggy = {each.service: each.name for each in together.bugs} or dict.fromkeys(SERVICES, NOTHING)
    for each in together.bugs:
        for statement in each.statements:
            connection = await asyncpg.connect(world.stack.owner_url(each.service).replace("+asyncpg", ""))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()
    for service, name in buggy.items():
        await world.runs_as(service, f"tests.faults.bugs_serving {name} {service}")
        await asyncio.to_thread(world.stack.wait_until_ready, service)


def main() -> int:
    from tests.faults import bugs_found

    parser = argparse.ArgumentParser(prog="make bugs", description="Is each planted bug found?")
    parser.add_argument("--docs", action="store_true", help="write what was found to docs/faults, not to build/faults")
    parser.add_argument("--only", default="", help="the runs of these bugs, with commas; the others stay in the file")
    parser.add_argument("--go-on", action="store_true", help="do not run again what has been run")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and the run that goes on takes its stack down
    only = [each for each in chosen.only.split(",") if each]
    runs = [each for each in RUNS if not only or each in map(run_of, only)]
    return bugs_found.find_all(runs, docs=chosen.docs, go_on=chosen.go_on)


if __name__ == "__main__":
    sys.exit(main())
