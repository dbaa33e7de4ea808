"""Going through the runs with planted bugs, and what was said of each: found by its own words, or missed.

What is in `docs/faults/bugs.txt` was written by such runs, and the report of `make faults` takes its list from there.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.bug import NOTHING, Together, Wrong
from tests.faults.bugs import BUGS
from tests.faults.stamp import NOT_SAID

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "faults" / "bugs"
DOCS = ROOT / "docs" / "faults" / "bugs.txt"
SEED = 1
WIDEST = 200  # characters of a finding


@dataclass(frozen=True)
class Result:
    """Of one bug, or of the run without any. ``finding`` is empty where the bug was missed; without one it must be.

    ``besides``: what else was found in its run, that of the bugs beside it apart: one bug breaks much.
    """

    name: str
    invariant: str
    service: str
    planted: str
    run: str
    under: str
    seconds: int
    finding: str
    besides: str = ""
    code: str = ""  # of which it is, as `stamp` says it

    @property
    def is_control(self) -> bool:
        return self.name == NOTHING

    @property
    def good(self) -> bool:
        return bool(self.finding) != self.is_control


def results(
    together: Together, wrong: Wrong, toothless: Sequence[str] = (), seconds: float = 0, code: str = ""
) -> list[Result]:
    """Of one run. Where nothing was planted every finding is one too many, and so is a fault that nothing showed."""
    name, under, took = together.name, together.under, round(seconds)
    theirs = {each.invariant for each in together.bugs}
    besides = ", ".join(
        [f"{len(found)} of {each}" for each, found in wrong.items() if found and each not in theirs]
        + [f"nothing shows that it hit {who}" for who in toothless]
    )
    if not together.bugs:
        found = [f"{invariant}: {each}" for invariant, findings in wrong.items() for each in findings]
        found += [f"nothing shows that it hit {who}" for who in toothless]
        first = found[0] if found else ""
        return [Result(NOTHING, "-", "all", "Nothing.", name, under, took, first, besides, code)]
    return [
        Result(
            each.name,
            each.invariant,
            each.service,
            each.words,
            name,
            under,
            took,
            each.found_in(wrong) or "",
            besides,
            code,
        )
        for each in together.bugs
    ]


def keep(together: Together, wrong: Wrong, toothless: Sequence[str], seconds: float, code: str) -> list[Result]:
    """By the run itself, for whoever started it."""
    BUILD.mkdir(parents=True, exist_ok=True)
    told = {"wrong": wrong, "toothless": list(toothless), "seconds": seconds, "code": code}
    (BUILD / f"{together.name}.json").write_text(json.dumps(told, indent=1))
    return results(together, wrong, toothless, seconds, code)


def find_all(runs: Iterable[Together], *, docs: bool, go_on: bool) -> int:
    """Each on a stack of its own; how many bugs were missed, and runs that came to no end or found what is not there.

    Where only some are run the others stay in the file as their own runs wrote them. ``go_on``: whoever was cut off need
    not run again what has been run.
    """
    into = DOCS if docs else BUILD / "bugs.txt"
    wrong = 0
    for together in runs:
        told = (_kept(together) if go_on else None) or _run(together)
        if told is None:  # neither found nor missed: the file keeps what an earlier run said
            wrong += 1
            print(f"the run of {together.name} came to no end: {BUILD / together.name}.log", flush=True)
            continue
        wrong += sum(not each.good for each in told)
        print("\n".join(map(_one, told)), flush=True)
        before = read(into.read_text()) if into.exists() else []
        into.write_text(written(_in_order({each.name: each for each in [*before, *told]})))
    print(f"report: {into}")
    return wrong


def _in_order(those: Mapping[str, Result]) -> list[Result]:
    """Without those of bugs that there are no more."""
    return [those[name] for name in (NOTHING, *(bug.name for bug in BUGS)) if name in those]


def _run(together: Together) -> list[Result] | None:
    BUILD.mkdir(parents=True, exist_ok=True)
    log = BUILD / f"{together.name}.log"
    (BUILD / f"{together.name}.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.faults", "--seed", str(SEED), "--plant", together.name]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            process.wait()
        except BaseException:
            process.terminate()  # and it takes its stack down
            raise
    return _kept(together)


def _kept(together: Together) -> list[Result] | None:
    file = BUILD / f"{together.name}.json"
    if not file.exists():
        return None
    told = json.loads(file.read_text())
    return results(together, told["wrong"], told["toothless"], told["seconds"], told.get("code", ""))


def written(those: Sequence[Result]) -> str:
    bugs = [each for each in those if not each.is_control]
    found, runs = sum(each.good for each in bugs), {each.run: each.seconds for each in those}
    head = (
        "Bugs planted in the services as they run in the whole stack, under load and faults, and what the checkers of\n"
        "`make faults` said. Written by those runs themselves: make bugs ARGS=--docs\n"
        f"seed {SEED}: {found} of {len(bugs)} found, {len(runs)} runs, {sum(runs.values()) / 60:.0f} minutes\n"
        f"of {codes(those)}\n"
    )
    return "\n".join([head, *map(_one, those)])


def codes(those: Iterable[Result]) -> str:
    """Of which code the runs were; of several where some were run again."""
    return "; ".join(dict.fromkeys(each.code or NOT_SAID for each in those)) or NOT_SAID


def _one(each: Result) -> str:
    verdict = ("clean" if each.good else "NOT CLEAN") if each.is_control else ("found" if each.good else "MISSED")
    lines = [
        f"{each.invariant} {verdict}: {each.name}",
        f"  planted in {each.service}: {each.planted}",
        f"  in the run of {each.run} under {each.under}: {each.seconds} s",
        f"  said: {_short(each.finding) or 'nothing'}",
        *([f"  besides: {each.besides}"] if each.besides else []),
        *([f"  of: {each.code}"] if each.code else []),
    ]
    return "\n".join(lines) + "\n"


def _short(finding: str) -> str:
    finding = " ".join(finding.split())
    return finding if len(finding) <= WIDEST else f"{finding[: WIDEST - 3]}..."


_ENTRY = re.compile(
    r"^(?P<invariant>I\d+|-) (?P<verdict>[A-Za-z ]+): (?P<name>\w+)\n"
    r"  planted in (?P<service>\w+): (?P<planted>.+)\n"
    r"  in the run of (?P<run>\w+) under (?P<under>.+): (?P<seconds>\d+) s\n"
    r"  said: (?P<said>.+)\n"
    r"(?:  besides: (?P<besides>.+)\n)?"
    r"(?:  of: (?P<code>.+)\n)?",
    re.MULTILINE,
)


def read(text: str) -> list[Result]:
    """What `written` wrote."""
    return [_read(each.groupdict()) for each in _ENTRY.finditer(text)]


def _read(entry: dict[str, str | None]) -> Result:
    given = {name: value or "" for name, value in entry.items()}
    said, verdict, took = given.pop("said"), given.pop("verdict"), int(given.pop("seconds"))
    return Result(finding="" if verdict in ("MISSED", "clean") else said, seconds=took, **given)


def kept_results() -> list[Result]:
    """Of the last runs that were kept; none where they never were."""
    return read(DOCS.read_text()) if DOCS.exists() else []


def uncovered(those: Iterable[Result]) -> set[str]:
    """Bugs of which nothing is said, and what is said of bugs that there are no more."""
    return {bug.name for bug in BUGS} ^ {each.name for each in those if not each.is_control}
