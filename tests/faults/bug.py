"""A planted bug: what is wrong in which service, and what a checker must say of it; and which share a run."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.scenario import Cell

Put = Callable[[object, str, object], None]  # `setattr`, or one that a test takes back
PATIENCE = 15.0  # seconds; a bug need not be waited for as long as a recovery
STANDS_STILL = 5.0  # where the bug keeps somebody from ever catching up
Wrong = Mapping[str, Sequence[str]]  # findings by invariant


@dataclass(frozen=True)
class Bug:
    """What is wrong in ``service``, and which invariant it breaks.

    ``says``: a part of the finding by which it counts as found; another finding of that invariant does not. ``also``:
    one more, of an invariant that any hold-up would break. ``statements`` take a guard of the database away first.
    """

    invariant: str
    service: str
    plant: Callable[[Put], None]
    says: str
    statements: tuple[str, ...] = ()
    also: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        return self.plant.__name__

    @property
    def words(self) -> str:
        return " ".join((self.plant.__doc__ or "").split())

    def found_in(self, wrong: Wrong) -> str | None:
        """The finding that tells of this bug and of nothing else, if a checker made it."""
        first = _first(wrong, self.invariant, self.says)
        if self.also is not None and _first(wrong, *self.also) is None:
            return None
        return first


def _first(wrong: Wrong, invariant: str, says: str) -> str | None:
    return next((each for each in wrong.get(invariant, ()) if re.search(says, each)), None)


@dataclass(frozen=True)
class Together:
    """One run: bugs that share a stack, each in a service of its own, none found by words that another could bring about."""

    bugs: tuple[Bug, ...]
    cells: tuple[Cell, ...]
    patience: float = PATIENCE

    @property
    def name(self) -> str:
        return self.bugs[0].name if self.bugs else NOTHING

    @property
    def under(self) -> str:
        return " | ".join(cell.name for cell in self.cells)


NOTHING = "nothing"  # planted: the product as it is
