"""Every planted bug, by which harness it was looked for, and what found it: those that ran, and what a run might leave behind.

Of the bugs in the stack each is as the last run of `make bugs` wrote it; the other three harnesses are part of `make test`,
which fails if one of theirs isn't found.
"""

from typing import NamedTuple

from tests.faults import bugs_found
from tests.faults.bugs import BUGS
from tests.faults.corruptions import CORRUPTIONS


class Planted(NamedTuple):
    """``said`` is empty where the checker's own words were not kept."""

    what: str
    by: str
    where: str
    harness: str
    said: str = ""
    missed: bool = False


STACK = "the whole stack under load and faults (make bugs)"
DATABASE = "one service on a database of its own, through the same reads and checkers (make test)"
MESSAGING = "relay, outbox and inbox by themselves, with checkers of their own (make test)"
EDITED = "the history of a small good run, edited by hand: what a bug would leave behind (make test)"

IN_THE_CODE = "tests/messaging/planted"

# Planted in relay, inbox and outbox as they run; the test of that folder holds this list equal to its own.
CODE: tuple[tuple[str, str], ...] = (
    ("delete_all_on_partial_failure", "I1"),
    ("relay_with_a_cursor", "I1"),
    ("lose_one", "I1"),
    ("offsets_first", "I1"),
    ("typed_batch", "I1"),
    ("double_one", "I2"),
    ("id_minted_at_publish", "I2"),
    ("effect_in_a_projection", "I2"),
    ("swap_two", "I3"),
    ("no_regard_for_gaps", "I3"),
    ("sequence_from_postgresql", "I9"),
    ("nothing_is_parked", "I9"),
    ("said_before_the_commit", "I4"),
    ("projection_that_depends_on_its_batches", "I7"),
)

# Planted in the services as they run: the same for the test of that folder.
IN_THE_SERVICES = "tests/faults/planted"
SERVICES: tuple[tuple[str, str], ...] = (
    ("a_key_that_is_ignored", "I11"),
    ("the_key_is_kept_after_the_work", "I11"),
    ("an_answer_that_stays", "I12"),
    ("a_gate_that_is_open", "I13"),
)

IN_THE_STACK = "tests/faults/bugs.py"
IN_BOTH = {bug.name for bug in BUGS}


def of_the_stack(results: list[bugs_found.Result]) -> list[Planted]:
    """As they were written by their runs; a list that no run has written is empty."""
    return [
        Planted(each.planted, each.invariant, f"{IN_THE_STACK}: {each.name}", STACK, each.finding, not each.good)
        for each in results
        if not each.is_control
    ]


PLANTED: tuple[Planted, ...] = (
    *of_the_stack(bugs_found.kept_results()),
    *(Planted(name.replace("_", " "), by, IN_THE_SERVICES, DATABASE) for name, by in SERVICES if name not in IN_BOTH),
    *(Planted(name.replace("_", " "), by, IN_THE_CODE, MESSAGING) for name, by in CODE),
    *(Planted(corruption.__doc__ or "", by, "tests/faults/corruptions.py", EDITED) for corruption, by in CORRUPTIONS),
)


def of_the_stack_in_words() -> str:
    """Of which code the runs were that looked for them: an old list says that it is old."""
    return bugs_found.codes(bugs_found.kept_results())


def table() -> str:
    """For the end of a report in text: those of the stack with what was said, of the others how many."""
    lines = ["", "Bugs planted to prove the checkers, by the harness that looked for them:"]
    for harness in (STACK, DATABASE, MESSAGING, EDITED):
        here = [each for each in PLANTED if each.harness == harness]
        of_code = f", of {of_the_stack_in_words()}" if harness == STACK else ""
        lines.append(f"{len(here)} in {harness}{of_code}")
        lines += [f"    {each.by:<4}{each.what} {_verdict(each)}" for each in here if harness == STACK]
    return "\n".join(lines) + "\n"


def _verdict(each: Planted) -> str:
    return "MISSED" if each.missed else f"[{each.said}]"
