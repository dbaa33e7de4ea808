"""Every planted bug, what catches it, and where: those in the running code, and those in what a run leaves behind."""

from tests.faults.bugs import BUGS
from tests.faults.corruptions import CORRUPTIONS

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

# Planted in services that run in the whole stack, under load and faults: `python -m tests.faults.bugs` goes through them.
IN_THE_STACK = "tests/faults/bugs.py"
IN_BOTH = {bug.name for bug in BUGS}

PLANTED: tuple[tuple[str, str, str], ...] = (
    *((name.replace("_", " "), by, IN_THE_CODE) for name, by in CODE),
    *((name.replace("_", " "), by, IN_THE_SERVICES) for name, by in SERVICES if name not in IN_BOTH),
    *((bug.plant.__doc__ or "", bug.invariant, IN_THE_STACK) for bug in BUGS),
    *((corruption.__doc__ or "", by, "tests/faults/corruptions.py") for corruption, by in CORRUPTIONS),
)
