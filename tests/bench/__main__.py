"""``python -m tests.bench``: the numbers of D8 that the messaging core must reach, always as ratios within one run."""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import uvloop

from shared.telemetry import shut_down_tracing
from tests.bench import consuming, recording, relaying
from tests.bench.stage import Stage, bench_stack

OUT = Path("build/bench.json")


@dataclass
class Measured:
    """One measure: rates of every round (events a second), ours and the baseline's, and what must be reached."""

    name: str
    rows: int
    target_ratio: float | None
    target_statements: float | None
    ours: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)
    statements: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [mine / theirs for mine, theirs in zip(self.ours, self.baseline, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def reached(self) -> bool:
        fast = self.target_ratio is None or self.ratio >= self.target_ratio
        frugal = self.target_statements is None or statistics.median(self.statements) <= self.target_statements
        return fast and frugal

    def summary(self) -> dict[str, object]:
        return {
            **asdict(self),
            "ours_median": statistics.median(self.ours),
            "baseline_median": statistics.median(self.baseline),
            "ratio_median": self.ratio,
            "ratio_least": min(self.ratios),
            "ratio_most": max(self.ratios),
            "statements_an_event": statistics.median(self.statements),
            "reached": self.reached,
        }


async def measure(stage: Stage, rows: int, rounds: int, only: set[str]) -> list[Measured]:
    found = [
        Measured("record", rows, None, None),
        Measured("relay", rows, 0.45, 0.02),
        Measured("consume", rows, 0.50, 0.05),
    ]
    record, relay, consume = found
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        if "record" in only:
            theirs = await recording.raw(stage, rows)
            mine, statements = await recording.ours(stage, rows)
            _note(record, mine, theirs, statements)
        topic = stage.new_topic()
        await stage.fill_outbox(stage.new_topic(), rows)
        await stage.settle(stage.writer)
        if "relay" in only:
            theirs = await relaying.raw(stage, rows)
        async with stage.writer.store.unit() as uow:
            await uow.execute("update outbox set topic = $1", topic)
        await stage.settle(stage.writer)
        mine, statements = await relaying.ours(stage, rows)
        if "relay" in only:
            _note(relay, mine, theirs, statements)
        await relaying.check_order(stage, topic, rows)
        if "consume" in only:
            theirs = await consuming.raw(stage, topic, rows)
            mine, statements = await consuming.ours(stage, topic, rows)
            _note(consume, mine, theirs, statements)
    return [each for each in found if each.ours]


def _note(measured: Measured, mine: float, theirs: float, statements: float) -> None:
    measured.ours.append(measured.rows / mine)
    measured.baseline.append(measured.rows / theirs)
    measured.statements.append(statements)


def table(found: list[Measured]) -> str:
    lines = [
        f"{'measure':9}{'ours /s':>10}{'baseline /s':>13}{'ratio (least to most)':>25}{'target':>9}"
        f"{'statements':>12}{'target':>9}  reached"
    ]
    for each in found:
        ratio = f"{each.ratio:.2f} ({min(each.ratios):.2f} to {max(each.ratios):.2f})"
        target = "" if each.target_ratio is None else f"{each.target_ratio:.2f}"
        frugal = "" if each.target_statements is None else f"{each.target_statements:.2f}"
        lines.append(
            f"{each.name:9}{statistics.median(each.ours):>10,.0f}{statistics.median(each.baseline):>13,.0f}{ratio:>25}"
            f"{target:>9}{statistics.median(each.statements):>12.4f}{frugal:>9}  {'yes' if each.reached else 'NO'}"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="events in the backlog (default 100,000)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; the median counts (default 5)")
    parser.add_argument("--only", default="record,relay,consume", help="any of record, relay, consume, with commas")
    chosen = parser.parse_args()
    uvloop.install()
    with bench_stack() as stack:
        stage = Stage(stack)

        async def whole() -> list[Measured]:
            try:
                return await measure(stage, chosen.rows, chosen.rounds, set(chosen.only.split(",")))
            finally:
                await stage.close()

        found = asyncio.run(whole())
    shut_down_tracing()
    OUT.parent.mkdir(exist_ok=True)
    about = {"python": platform.python_version(), "cores": os.cpu_count(), "rows": chosen.rows, "rounds": chosen.rounds}
    OUT.write_text(json.dumps({"about": about, "measures": [each.summary() for each in found]}, indent=1) + "\n")
    print(table(found))
    return 0 if all(each.reached for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
