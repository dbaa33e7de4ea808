"""What a run has found, as a table for a terminal and as one page that needs nothing else."""

from dataclasses import dataclass
from statistics import median

from tests.faults.at_once import THREE
from tests.faults.checks import CHECKERS
from tests.faults.ends import counted
from tests.faults.history import FAILED, OK, UNKNOWN, History, Window
from tests.faults.page import page as _page
from tests.faults.scenario import Plan
from tests.faults.stamp import NOT_SAID
from tests.faults.throughput import Throughput, throughput
from tests.faults.watching import Watch

SHOWN = 8  # findings of each kind
PACE_BACK = 0.95  # of the usual pace
ENOUGH = 30  # requests from which it can be said how many are answered


@dataclass
class Times:
    """How long each part of the run took, in seconds, and how many events had been there before the load."""

    start: float = 0.0
    load: float = 0.0
    drain: float = 0.0
    reading: float = 0.0
    events_before: int = 0
    steady_held_back: float = 0.0  # of those of the load
    stood_still: float = 0.0  # the same of the bulk, for pieces of work

    @property
    def whole(self) -> float:
        return self.start + self.load + self.drain + self.reading


@dataclass
class Found:
    """One run, judged."""

    plan: Plan
    history: History
    wrong: dict[str, list[str]]
    events: int
    watch: Watch
    times: "Times"
    answered_first: float = 0.0  # steady requests a second, before the first fault
    code: str = NOT_SAID  # of which the run was

    @property
    def made(self) -> int:
        """Events of the load, without those of the take-on."""
        return self.events - self.times.events_before

    @property
    def too_few(self) -> bool:
        return self.made < self.plan.least_events

    @property
    def too_long(self) -> bool:
        return self.times.whole > self.plan.at_most

    @property
    def failed(self) -> bool:
        amiss = self.too_late or self.refused or self.toothless or (self.plan.complete and self.not_tried)
        slower = self.all_are_slower or self.throughput.failures
        return any(self.wrong.values()) or self.too_few or self.too_long or bool(slower) or bool(amiss)

    @property
    def tried(self) -> list[Window]:
        return [each for each in self.history.windows if not each.skipped]

    @property
    def late(self) -> list[Window]:
        """Healed, but later than was aimed at."""
        return [each for each in self.tried if each.recovery is not None and each.recovery > each.within]

    @property
    def too_late(self) -> list[Window]:
        """Later than the plan lets pass."""
        return [each for each in self.late if (each.recovery or 0) > each.within * self.plan.judged_at]

    @property
    def usual(self) -> float:
        """The steady requests that are answered a second when all is well: one number for the whole run."""
        return max(
            self.answered_first, median([each.answered_after for each in self.tried if each.asked_after] or [0.0])
        )

    @property
    def throughput(self) -> Throughput:
        return throughput(self.history, self.plan.piece_every)

    @property
    def not_tried(self) -> list[str]:
        """What was planned, and was not come to, not possible here, or not seen to bite. Of three at once any will do."""
        bit = {_kind(each.name) for each in self.tried if not each.toothless}
        return [kind for kind in dict.fromkeys(_kind(cell.name) for cell in self.plan.cells) if kind not in bit]

    @property
    def refused(self) -> list[Window]:
        """Writes waited for a broker that was away, or what they told went out slower than at three times their pace.

        Or nothing was written meanwhile, of which that could be said.
        """
        promised = [each for each in self.tried if each.refuses_nothing]
        return [
            each
            for each in promised
            if each.unanswered
            or not each.inflow
            or each.answered_during < PACE_BACK * self.usual
            or each.drain < 3 * each.inflow
        ]

    @property
    def asked_when_over(self) -> int:
        """The steady requests that began when a fault was over, of all faults together."""
        return sum(each.asked_after for each in self.tried)

    @property
    def answered_when_over(self) -> float:
        """The share of them that was answered in the time that each was given."""
        answered = sum(each.answered_after * each.asked_after for each in self.tried) / self.plan.rate
        return answered / self.asked_when_over if self.asked_when_over else 0.0

    @property
    def all_are_slower(self) -> bool:
        """After any one fault few are asked; all of them together say whether everybody is answered again."""
        return self.asked_when_over >= ENOUGH and self.answered_when_over < PACE_BACK

    @property
    def toothless(self) -> list[Window]:
        """Nothing showed that the fault was there."""
        return [each for each in self.tried if each.toothless]

    @property
    def pace(self) -> float:
        """Events a second from the first request to the last, faults included."""
        return self.made / max(self.times.load, 1.0)

    def flow_in_words(self) -> str:
        times = self.times
        return (
            f"{self.pace:.0f} events a second over {times.load:.0f} s of load, faults included, beside {times.events_before:,} of "
            f"the take-on; the bulk of the load was held back for {self.watch.no_room:.0%} of that time "
            f"and stood still for {times.stood_still / max(times.load, 1.0):.0%}, for pieces of work; the steady requests for "
            f"{times.steady_held_back / max(times.load, 1.0):.0%}; start {times.start:.0f} s, drained in {times.drain:.0f} s, "
            f"read and rebuilt in {times.reading:.0f} s"
        )

    def in_words(self) -> str:
        done = self.history
        wrong = sum(map(len, self.wrong.values()))
        return (
            f"of {self.code}; seed {self.plan.seed}: {len(self.tried)} faults, {self.made:,} events, "
            f"{wrong} violations, {self.times.whole:.0f} s; operations: {done.outcomes(OK):,} ok, "
            f"{done.outcomes(FAILED):,} failed, {done.outcomes(UNKNOWN):,} unknown, "
            f"{sum(each.tries > 1 for each in done.operations):,} asked again, "
            f"{sum(1 for _ in done.of('retry'))} tries of files that had failed"
        )


def table(found: Found) -> str:
    """Fault by fault, then what each invariant's checker says of the whole."""
    lines = [
        "",
        f"{'fault':<58} {'lasted':>7} {'caught up':>9} {'aim':>5}   {'during':>6} {'after':>6}  {'throughput':>12}  "
        f"{'inflow':>6} {'drain':>6}  unanswered parked gaps",
    ]
    pieces = found.throughput.after
    for each in found.history.windows:
        if each.skipped:
            lines.append(f"{each.name:<58} not tried: {each.skipped}")
            continue
        recovery = "no" if each.recovery is None else f"{each.recovery:.1f} s"
        answered = f"{each.answered_during:6.1f} {each.answered_after:6.1f}"
        piece = pieces.get(each)
        pace = f"{piece.pace:.0f} of {piece.usual:.0f}" if piece else "-"
        records = f"{each.inflow:6.0f} {each.drain:6.0f}"
        others = f"{each.unanswered:10} {each.parked:6} {each.gaps:4}"
        lines.append(
            f"{each.name[:58]:<58} {each.lasted:5.1f} s {recovery:>9} {each.within:4.0f}s   {answered}  {pace:>12}  "
            f"{records}  {others}"
        )
        lines += [f"    {said}" for said in (*each.bit, *_each_back(each), *_lacks(each), *_again(each))]
    lines.append("")
    for name, checker in CHECKERS.items():
        wrong = found.wrong[name]
        says = " ".join((checker.__doc__ or "").split())
        lines.append(f"{'ok ' if not wrong else f'{len(wrong)} WRONG'}  {says}")
        lines += [f"      {each}" for each in wrong[:SHOWN]]
    lines += ["", found.in_words(), found.flow_in_words(), found.throughput.in_words(), *found.throughput.failures]
    lines.append(f"of the services' processes ended: {counted(found.history.ends)}")
    if found.too_few:
        lines.append(f"TOO FEW EVENTS: {found.plan.least_events:,} are wanted")
    if found.too_long:
        lines.append(f"TOO LONG: {found.plan.at_most:.0f} s are allowed")
    lines.append(
        f"{'TOO FEW ANSWERS: ' if found.all_are_slower else ''}of {found.asked_when_over} steady requests that began when a fault "
        f"was over {found.answered_when_over:.1%} were answered in the time that each was given ({PACE_BACK:.0%} are wanted)"
    )
    for windows, words in (
        (found.late, f"caught up later than aimed at{_judged_at(found.plan)}"),
        (
            found.refused,
            "of the broker away: a write was refused, or what waited went out at less than three times its inflow",
        ),
        (found.toothless, "without anything to show that the fault was there"),
    ):
        names = ": " + "; ".join(each.name for each in windows) if windows else ""
        lines.append(f"{len(windows)} {words}{names}")
    if planned := found.not_tried:
        judged = "" if found.plan.complete else " (told, not judged: this is no whole run)"
        lines.append(f"{len(planned)} planned, and not tried or without bite{judged}: {'; '.join(planned)}")
    if lasting := [each.name for each in found.tried if each.lasted > found.plan.longest]:
        lines.append(
            f"{len(lasting)} lasted longer than {found.plan.longest:.0f} s (told, not judged): {'; '.join(lasting)}"
        )
    return "\n".join(lines) + "\n"


def _judged_at(plan: Plan) -> str:
    return f" (judged from {plan.judged_at:.0f} times the aim on)" if plan.judged_at > 1 else ""


def _kind(name: str) -> str:
    return THREE if name.startswith(THREE) else name


def _each_back(each: Window) -> list[str]:
    return [f"back, each from his own death on: {', '.join(each.recoveries)}"] if each.recoveries else []


def _lacks(each: Window) -> list[str]:
    missing = [f"NOTHING SHOWS that it hit {who}" for who in each.toothless]
    return [*missing, each.note.strip()] if each.note else missing


def _again(each: Window) -> list[str]:
    paces = ", then ".join(f"{pace:.0f}" for pace in each.pieces)
    return [f"the first piece of work was slow: {paces} schools a second"] if each.pieces[1:] else []


def page(found: Found) -> str:
    return _page(found)
