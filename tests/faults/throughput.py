"""What fixed pieces of work say of the speed before the first fault and after each one, and what of it fails a run.

Two busy cores are noisy, so one piece is judged by less and many by more. After each fault a piece must come to half
of the usual, which is the median of the last fifteen before it: so it is held against the run as it has grown. One that does
not is taken again at once, twice at most, and the best counts: what a checkpoint does to one it does not do to three. The
median of all pieces after faults must come to 95 in a hundred of that before the first one, less what the spread of those
explains, and to 85 in any case; and that of the last third of them to three quarters of the first: what grows slowly all
through a run shows at no fault.

Twelve processes on two cores do less than four, whatever befell them: while there are replicas a piece is held against those
with as many, of which the first says what is usual, and it counts in no median.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from statistics import median, stdev

from tests.faults.history import History, Window

PIECE = "piece"  # what was seen before the first fault
EACH = 0.5  # of the usual, for one piece
BACK, AT_LEAST = 0.95, 0.85  # of before, for all; and where pieces before differ much
STAYS = 0.75  # of the first third, for the last
ENOUGH = 5  # pieces of which a median says something
RECENT = 15  # pieces, of which the usual is the median
AT_MOST = 3  # pieces after one fault


def back_at(before: Sequence[float]) -> float:
    """Schools a second from which on all is back: a median of few pieces is itself uncertain (twice its standard error)."""
    error = 1.25 * stdev(before) / sqrt(len(before)) if len(before) > 1 else 0.0
    return max(BACK * median(before) - 2 * error, AT_LEAST * median(before))


def usual(earlier: Sequence[float]) -> float:
    """Nothing, where there was none before."""
    return median(earlier[-RECENT:] or [0.0])


def is_slow(paces: Sequence[float], usual: float) -> bool:
    return max(paces) < EACH * usual


def wants_another(paces: Sequence[float], earlier: Sequence[float]) -> bool:
    return len(paces) < AT_MOST and is_slow(paces, usual(earlier))


@dataclass(frozen=True)
class Piece:
    """Of one cell: schools a second, and what was usual until then."""

    cell: str
    paces: tuple[float, ...]  # more than one where the first was slow
    usual: float

    @property
    def pace(self) -> float:
        """The best: a checkpoint, or a collection of garbage, may have fallen into another."""
        return max(self.paces)

    @property
    def is_slow(self) -> bool:
        return is_slow(self.paces, self.usual)


@dataclass(frozen=True)
class Throughput:
    """Of one run: the pieces before the first fault, and those after faults in their order."""

    every: int  # a piece is due after each so manieth cell; 0: none is
    before: Sequence[float]
    windows: Sequence[Window]

    @cached_property
    def after(self) -> Mapping[Window, Piece]:
        found: dict[Window, Piece] = {}
        paces = defaultdict(list, {0: list(self.before)})  # by how many replicas there were
        for window in self.windows if self.before else ():
            if window.pieces:
                among = paces[window.replicas]
                found[window] = Piece(window.name, window.pieces, usual(among or window.pieces))
                among.append(found[window].pace)
        return found

    @property
    def slow(self) -> list[Window]:
        return [window for window, piece in self.after.items() if piece.is_slow]

    @property
    def failures(self) -> list[str]:
        return [*self._lacking(), *self._each(), *self._all(), *self._in_the_end()] if self.every else []

    def _lacking(self) -> Iterator[str]:
        if not median(self.before or [0.0]):
            yield "NO PIECE could be taken before the first fault"
        for number, window in enumerate(self.windows, 1):
            if number % self.every == 0 and window.recovery is not None and not window.pieces:
                yield f"NO PIECE was taken after {window.name}"

    def _each(self) -> Iterator[str]:
        for piece in self.after.values():
            if piece.is_slow:
                yield (
                    f"SLOWER: after {piece.cell} {piece.pace:.0f} schools a second, where {piece.usual:.0f} were usual until "
                    f"then ({EACH:.0%} are wanted, of the best of {len(piece.paces)})"
                )

    def _all(self) -> Iterator[str]:
        before, after = self.before, self._paces
        if min(len(before), len(after)) >= ENOUGH and median(after) < back_at(before):
            yield (
                f"SLOWER: after all faults {median(after):.0f} schools a second, where it was {median(before):.0f} before the "
                f"first ({BACK:.0%} are wanted, less what the spread of those explains: {back_at(before):.0f})"
            )

    def _in_the_end(self) -> Iterator[str]:
        first, last = self._third(0), self._third(2)
        if len(first) >= ENOUGH and median(last) < STAYS * median(first):
            yield (
                f"SLOWER: in the last third of the cells {median(last):.0f} schools a second, where it was {median(first):.0f} "
                f"in the first ({STAYS:.0%} are wanted)"
            )

    @property
    def _paces(self) -> list[float]:
        return [piece.pace for window, piece in self.after.items() if not window.replicas]

    def _third(self, number: int) -> list[float]:
        many = max(len(self._paces) // 3, 1)
        return self._paces[-many:] if number == 2 else self._paces[number * many :][:many]

    def in_words(self) -> str:
        if not self._paces or not median(self.before):
            return "no piece of work was taken, so nothing is said of throughput"
        paces, first, last = self._paces, self._third(0), self._third(2)
        again = sum(len(piece.paces) > 1 for piece in self.after.values())
        among = [f"{piece.pace:.0f} with {window.replicas}" for window, piece in self.after.items() if window.replicas]
        replicas = f"; while there were replicas {', '.join(among)}" if among else ""
        few = "" if len(first) >= ENOUGH else "; of so few the thirds are told, not judged"
        return (
            f"throughput, in schools a second: {_spread(self.before)} in {len(self.before)} pieces before the first fault, "
            f"{_spread(paces)} in {len(paces)} after faults ({median(paces) / median(self.before):.0%}), "
            f"{median(first):.0f} in the first third of them and {median(last):.0f} in the last; {again} were slow at first "
            f"and taken again{replicas}{few}"
        )


def _spread(paces: Sequence[float]) -> str:
    return f"{median(paces):.0f} ({min(paces):.0f} to {max(paces):.0f})"


def throughput(history: History, every: int) -> Throughput:
    before = [each.found["schools_a_second"] for each in history.seen if each.what == PIECE]
    return Throughput(every, before, history.windows)
