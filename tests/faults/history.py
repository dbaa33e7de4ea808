"""What was asked, answered and seen in one run, a line each in a file: written as it happens, judged afterwards."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


@dataclass(frozen=True)
class Operation:
    """A request and what became of it. ``value`` is unique in the world; ``answers`` are all that came for its key."""

    kind: str
    value: str
    key: str
    began: float
    ended: float
    outcome: str
    tries: int = 0
    status: int = 0
    answers: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)
    why_not: str = ""  # what a refusal said


@dataclass(frozen=True)
class Begun:
    """A request that is about to be sent: whatever becomes of it, or of whoever sends it, it is known that it began."""

    kind: str
    value: str
    key: str
    began: float
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """Something looked at while the run went on: ``who-speaks`` answers, ``money`` in one snapshot, what a ``reader`` saw."""

    what: str
    at: float
    found: dict[str, Any]


@dataclass(frozen=True)
class Window:
    """One cell as it went: when it was, how fast all was caught up, how much flowed, and what can't be tried here."""

    name: str
    began: float
    injected: float = 0.0
    healed: float = 0.0
    ended: float = 0.0
    within: float = 0.0
    recovery: float | None = None  # of several who were killed the worst, each from his own death on
    over: float = 0.0  # when the fault was over: healed, or all ready again where nobody has to heal
    answered_during: float = 0.0  # of the steady requests a second that began then, those that were answered by its end
    answered_after: float = (
        0.0  # of those that began when all had caught up, those answered in the time that each was given
    )
    asked_during: int = 0  # steady requests that began then
    asked_after: int = 0
    pieces: tuple[
        float, ...
    ] = ()  # of work when all had caught up: schools a second, more than one where the first was slow
    replicas: int = 0  # beside each service's own process, when that piece was taken
    inflow: float = 0.0  # records committed a second while the fault was there
    drain: float = 0.0  # records applied a second from healing until all was caught up
    unanswered: int = 0
    parked: int = 0  # records at most that no reader could apply
    gaps: int = 0  # records at most that waited for one before them
    recoveries: tuple[str, ...] = ()  # of several who were killed each one's, from his own death on
    bit: tuple[str, ...] = ()  # what shows that it bit
    toothless: tuple[str, ...] = ()  # who was to be hit, and nothing showed it
    refuses_nothing: bool = False  # as was promised of this fault
    skipped: str | None = None
    note: str = ""
    crash_points: tuple[str, ...] = ()

    @property
    def lasted(self) -> float:
        """Seconds from its beginning until it was healed, or had healed itself."""
        return self.over - self.injected


@dataclass(frozen=True)
class Ended:
    """A process of a service ended: ``wanted`` by us, or empty where it ended by itself; then ``said`` is the end of its log."""

    who: str
    pid: int
    at: float
    how: str
    wanted: str = ""
    said: str = ""


@dataclass
class History:
    operations: list[Operation] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[Operation]:
        return (each for each in self.operations if each.kind == kind)

    def outcomes(self, outcome: str) -> int:
        return sum(each.outcome == outcome for each in self.operations)


class Journal:
    """The file, open for more."""

    def __init__(self, path: Path):
        self.path = path
        self._file = path.open("a", buffering=1)

    def keep(self, line: Begun | Operation | Seen | Window | Ended) -> None:
        self._file.write(json.dumps({"line": type(line).__name__, **asdict(line)}, default=str) + "\n")

    def close(self) -> None:
        self._file.close()


_LINES: dict[str, Any] = {each.__name__: each for each in (Begun, Operation, Seen, Window, Ended)}


def read(path: Path) -> History:
    """The file as one history. What began and has no end is unknown; of what was asked again at the end the last counts."""
    found = History()
    begun: dict[str, Begun] = {}
    ended: dict[str, Operation] = {}
    into: dict[str, list[Any]] = {"Seen": found.seen, "Window": found.windows, "Ended": found.ends}
    with path.open() as file:
        for text in file:
            line = json.loads(text)
            name = line.pop("line")
            for many in ("answers", "crash_points", "bit", "toothless", "recoveries", "pieces"):
                if many in line:
                    line[many] = tuple(line[many])
            each = _LINES[name](**line)
            if isinstance(each, Begun):
                begun[each.key] = each
            elif isinstance(each, Operation):
                ended[each.key] = each
            else:
                into[name].append(each)
    cut_off = [each for key, each in begun.items() if key not in ended]
    unknown = [Operation(e.kind, e.value, e.key, e.began, e.began, UNKNOWN, detail=e.detail) for e in cut_off]
    found.operations = [*ended.values(), *unknown]
    return found


def now() -> float:
    return time.time()
