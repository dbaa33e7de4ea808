"""``python -m tests.faults.kept build/faults/history.jsonl``: judge a run again that was kept with ``--keep``.

So a checker that has changed is tried on what an earlier run left behind, and what it finds can be looked into at leisure.
"""

import pickle
import sys
from pathlib import Path

from tests.faults import checks, history
from tests.faults.final import Final


def reads_of(journal: Path) -> Path:
    """Where the final reads of a run stand, beside its history."""
    return journal.with_suffix(".reads")


def keep(final: Final, journal: Path) -> None:
    with reads_of(journal).open("wb") as file:
        pickle.dump(final, file, pickle.HIGHEST_PROTOCOL)


def judged_again(journal: Path) -> dict[str, list[str]]:
    """What is wrong, by invariant. Raises FileNotFoundError if the run was not kept."""
    with reads_of(journal).open("rb") as file:
        final: Final = pickle.load(file)
    return checks.judged(history.read(journal), final)


def main(journal: Path) -> int:
    try:
        found = judged_again(journal)
    except FileNotFoundError as missing:
        print(f"{missing.filename} is not there: keep a run with `make faults SEED=1 ARGS=--keep`", file=sys.stderr)
        return 2
    for invariant, wrong in found.items():
        print(f"{invariant}: {len(wrong)} findings", *(f"  {each}" for each in wrong), sep="\n")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
