"""Which processes of the services ended, and by whose will: by the supervisor's own log, and of replicas by ours.

Broker or database away is waited for without end (D3.8), and a process that ends all the same is started again in two
seconds: nothing else would show it. Wanted is the end of whoever is killed or asked to stop. As designed is that of a relay
that was replaced while it stood still (D3.4): it ends with a status of its own while another process of its service runs.
Whatever else ends by itself is a finding (I10): a reader that can give a record no fate, a loop that is over.
"""

import calendar
import json
import re
import signal
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from infra.local.ports import SERVICES
from shared.messaging.relay import EXIT_LEASE_LOST
from tests.faults.history import Ended, Seen, now

KILLED, STOPPED, REPLACED = "killed", "asked to stop", "replaced by another (as designed)"
NOBODY_SAW = "nobody saw how"
STARTS = "starts"  # of each service's own process, as the supervisor told of them
LINES, WIDEST = 3, 240  # of a log that are quoted, and characters of each

_LINE = re.compile(r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(?P<ms>\d{3}) [A-Z]+ (?P<said>.+)$")
_SPAWNED = re.compile(r"^spawned: '(?P<who>[\w-]+)' with pid (?P<pid>\d+)$")
_ENDED = re.compile(r"^(?P<act>exited|stopped): (?P<who>[\w-]+) \((?P<how>.+?)(?:; (?:not )?expected)?\)$")
_OF_A_FALL = re.compile(r"Traceback |  File |[\w.]*(Error|Exception)\b|Fatal ")
_BEGAN = "Started server process [{pid}]"


@dataclass(frozen=True)
class Death:
    """Somebody of whom it was wanted died at this moment."""

    who: str
    at: float


@dataclass
class Replica:
    """One process beside that which the supervisor keeps, from its start to its end."""

    service: str
    number: int
    pid: int
    began: float
    ended: float = float("inf")
    how: str = ""
    wanted: str = ""

    @property
    def who(self) -> str:
        return f"{self.service}-{self.number}"

    def ran(self, at: float) -> bool:
        return self.began <= at <= self.ended


@dataclass
class Ends:
    """What the harness did in one run, to be held against what happened."""

    deaths: list[Death] = field(default_factory=list)  # in their order, for whoever measures from them
    doomed: set[tuple[str, int]] = field(default_factory=set)
    replicas: list[Replica] = field(default_factory=list)

    def dooms(self, who: str, pid: int | None) -> None:
        """This process is to be killed, or to die at a place, by our will."""
        if pid is not None:
            self.doomed.add((who, pid))

    def died(self, who: str) -> None:
        """As we have seen just now."""
        self.deaths.append(Death(who, now()))

    def begins(self, service: str, number: int, pid: int) -> None:
        self.replicas.append(Replica(service, number, pid, now()))

    def ended(self, pid: int, status: int, wanted: str = "") -> None:
        """A replica has ended; what of it was wanted counts only where it had not ended before."""
        replica = next(each for each in reversed(self.replicas) if each.pid == pid)
        if not replica.how:
            replica.ended, replica.how, replica.wanted = now(), in_words(status), wanted

    def told(self, logs: Path) -> Iterator[Ended | Seen]:
        """For the history, when all is quiet and nothing is taken down yet."""
        said = (logs / "supervisor.log").read_text()
        yield Seen(STARTS, now(), dict(starts(said)))
        for each in self.of_all(said):
            yield each if each.wanted else replace(each, said=self._last_words(each, said, logs))

    def of_all(self, said: str) -> list[Ended]:
        """Each end, with whose will it was."""
        found = []
        for each in ends_in(said):
            if not each.wanted and (each.who, each.pid) in self.doomed and "SIGKILL" in each.how:
                each = replace(each, wanted=KILLED)
            elif not each.wanted and _was_replaced(each) and self._had_a_replica(each.who, each.at):
                each = replace(each, wanted=REPLACED)
            found.append(each)
        for one in (each for each in self.replicas if each.how):
            end = Ended(one.who, one.pid, one.ended, one.how, one.wanted)  # beside it there is always its service's own
            found.append(replace(end, wanted=REPLACED) if not end.wanted and _was_replaced(end) else end)
        return sorted(found, key=lambda each: each.at)

    def _had_a_replica(self, service: str, at: float) -> bool:
        return any(each.service == service and each.ran(at) for each in self.replicas)

    def _last_words(self, end: Ended, said: str, logs: Path) -> str:
        own = [each.pid for each in self.replicas if each.who == end.who] or pids(said, end.who)
        return last_words(logs / f"{end.who}.log", own[own.index(end.pid) + 1 :] if end.pid in own else [])


def _was_replaced(end: Ended) -> bool:
    return end.how == f"exit status {EXIT_LEASE_LOST}"


def in_words(status: int) -> str:
    """As the supervisor says it."""
    return f"terminated by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def ends_in(said: str, whose: Collection[str] = SERVICES) -> Iterator[Ended]:
    """By the supervisor's log. Who is started once more without having ended has ended unseen."""
    runs: dict[str, int] = {}
    for at, words in _lines(said):
        if (began := _SPAWNED.match(words)) and began["who"] in whose:
            if began["who"] in runs:
                yield Ended(began["who"], runs[began["who"]], at, NOBODY_SAW)
            runs[began["who"]] = int(began["pid"])
        elif (ended := _ENDED.match(words)) and ended["who"] in whose:
            wanted = STOPPED if ended["act"] == "stopped" else ""
            yield Ended(ended["who"], runs.pop(ended["who"], 0), at, ended["how"], wanted)


def starts(said: str) -> Counter[str]:
    return Counter(began["who"] for _, words in _lines(said) if (began := _SPAWNED.match(words)))


def pids(said: str, who: str) -> list[int]:
    """Of each process that the supervisor started under that name, in their order."""
    began = (_SPAWNED.match(words) for _, words in _lines(said))
    return [int(each["pid"]) for each in began if each and each["who"] == who]


def _lines(said: str) -> Iterator[tuple[float, str]]:
    """The supervisor runs in UTC, as all of a stack does."""
    for line in said.splitlines():
        if found := _LINE.match(line):
            second = calendar.timegm(time.strptime(found["at"], "%Y-%m-%d %H:%M:%S"))
            yield second + int(found["ms"]) / 1000, found["said"]


def last_words(log: Path, later: Sequence[int]) -> str:
    """What a process said last that tells why it ended: its errors, or whatever it said where there are none.

    By the first of the ``later`` processes that has said something: what stands before that is of this one. Its times
    prove nothing, since its clock may be an hour off.
    """
    kept = [file for file in (log.with_name(f"{log.name}.1"), log) if file.exists()]
    lines = [line for file in kept for line in file.read_text(errors="replace").splitlines() if line.strip()]
    begins = [n for n, line in enumerate(lines) if any(_BEGAN.format(pid=pid) in line for pid in later)]
    own = lines[: begins[0]] if begins else lines
    since = max((n for n, line in enumerate(own) if "Started server process" in line), default=0)
    by_gravity = (
        [line for line in own[since:] if _level(line) in levels] for levels in (("critical",), ("critical", "error"))
    )
    telling = next((lines for lines in by_gravity if lines), own[since:])
    return " | ".join(_short(line) for line in telling[-LINES:]) or "it said nothing"


def _said(line: str) -> dict[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _level(line: str) -> object:
    """What is no line of the log, but of a traceback, is of a process that falls over its own code."""
    return _said(line).get("level", "critical" if _OF_A_FALL.match(line) else "")


def _short(line: str) -> str:
    said = _said(line)
    words = [str(said[name]) for name in ("event", "loop", "error", "error_because", "error_detail") if said.get(name)]
    where = said.get("error_at")
    words += [f"at {where[-1]}"] if isinstance(where, list) and where else []
    return (" ".join(words) if words else line.strip())[:WIDEST]


def by_themselves(ended: Iterable[Ended]) -> list[Ended]:
    return [each for each in ended if not each.wanted]


def counted(ended: Iterable[Ended]) -> str:
    """How many ended by whose will, in words."""
    by = Counter(each.wanted or "by themselves" for each in ended)
    order = (KILLED, STOPPED, REPLACED, "by themselves")
    return ", ".join(f"{by[words]} {words}" for words in order)
