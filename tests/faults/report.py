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
from tests.faults.steady import AND, LONGER, sluggish
from tests.faults.watching import Watch

SHOWN = 8  # findings of each kind
PACE_BACK = 0.95  # of the usual pace
ENOUGH = (
    30  # requests after a fault from which a pace can be judged; in the short run there are four, and it is only told
)


@dataclass
class Times:
    """How long each part of the run took, in seconds, and how many events had been there before the load."""

    start: float = 0.0
    load: float = 0.0
    drain: float = 0.0
    reading: float = 0.0
    events_before: int = 0
    steady_held_back: float = 0.0  # of those of the load

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
        worse = [each for each in (*self.slower, *self.sluggish) if each.asked_after >= ENOUGH]
        amiss = self.too_late or worse or self.refused or self.toothless or (self.plan.complete and self.not_tried)
        return any(self.wrong.values()) or self.too_few or self.too_long or self.all_are_slower or bool(amiss)

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
    def slower(self) -> list[Window]:
        """Fewer requests answered after the fault than 95 in a hundred of what is usual, by more than one request."""
        return [each for each in self.tried if self._lacking(each) > 1]

    def _lacking(self, each: Window) -> float:
        """Requests."""
        return (PACE_BACK * self.usual - each.answered_after) / self.plan.rate * each.asked_after

    @property
    def sluggish(self) -> list[Window]:
        """After the fault answers took more than twice as long as before it, and a second; or had not come in their time."""
        return [each for each in self.tried if sluggish(each.took_before, each.took_after)]

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
        """In the short run too few are asked after any one fault; all of them together say whether the pace comes back."""
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
            f"the take-on; the bulk of the load was held back for {self.watch.no_room:.0%} of that time, the steady requests for "
            f"{times.steady_held_back / max(times.load, 1.0):.0%}; start {times.start:.0f} s, drained in {times.drain:.0f} s, "
            f"read and rebuilt in {times.reading:.0f} s; half of the steady requests were answered within "
            f"{self._half_answered(0):.0f} ms in the first third of the cells, when all was well, "
            f"and {self._half_answered(2):.0f} ms in the last; half of these times readers applied "
            f"{self._applied(0):.0f} records a second or more in the first third, and {self._applied(2):.0f} in the last"
        )

    def _half_answered(self, third: int) -> float:
        """Milliseconds. It is told, not judged: what grows all through a run shows at no fault."""
        return _in_third(third, [each.took_after * 1000 for each in self.tried if each.asked_after])

    def _applied(self, third: int) -> float:
        """Records a second, when all was well; told as well."""
        return _in_third(third, [each.records_after for each in self.tried if each.asked_after])

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


def _in_third(third: int, measured: list[float]) -> float:
    many = max(len(measured) // 3, 1)
    return median(measured[third * many :][:many] or measured or [0.0])


def table(found: Found) -> str:
    """Fault by fault, then what each invariant's checker says of the whole."""
    lines = [
        "",
        f"{'fault':<58} {'lasted':>7} {'caught up':>9} {'aim':>5}   {'during':>6} {'after':>6}  {'answer time':>13}  "
        f"{'inflow':>6} {'drain':>6} {'after':>6}  unanswered parked gaps",
    ]
    for each in found.history.windows:
        if each.skipped:
            lines.append(f"{each.name:<58} not tried: {each.skipped}")
            continue
        recovery = "no" if each.recovery is None else f"{each.recovery:.1f} s"
        answered = f"{each.answered_during:6.1f} {each.answered_after:6.1f}"
        waits = f"{each.took_before * 1000:.0f} to {each.took_after * 1000:.0f} ms"
        records = f"{each.inflow:6.0f} {each.drain:6.0f} {each.records_after:6.0f}"
        others = f"{each.unanswered:10} {each.parked:6} {each.gaps:4}"
        lines.append(
            f"{each.name[:58]:<58} {each.lasted:5.1f} s {recovery:>9} {each.within:4.0f}s   {answered}  {waits:>13}  "
            f"{records}  {others}"
        )
        lines += [f"    {said}" for said in (*each.bit, *_each_back(each), *_lacks(each))]
    lines.append("")
    for name, checker in CHECKERS.items():
        wrong = found.wrong[name]
        says = " ".join((checker.__doc__ or "").split())
        lines.append(f"{'ok ' if not wrong else f'{len(wrong)} WRONG'}  {says}")
        lines += [f"      {each}" for each in wrong[:SHOWN]]
    lines += ["", found.in_words(), found.flow_in_words()]
    lines.append(f"of the services' processes ended: {counted(found.history.ends)}")
    if found.too_few:
        lines.append(f"TOO FEW EVENTS: {found.plan.least_events:,} are wanted")
    if found.too_long:
        lines.append(f"TOO LONG: {found.plan.at_most:.0f} s are allowed")
    lines.append(
        f"{'TOO FEW ANSWERS: ' if found.all_are_slower else ''}of {found.asked_when_over} steady requests that began when a fault "
        f"was over {found.answered_when_over:.1%} were answered in the time that each was given ({PACE_BACK:.0%} are wanted)"
    )
    usual = f"the usual {found.usual:.1f} answers a second"
    for windows, words in (
        (found.late, f"caught up later than aimed at{_judged_at(found.plan)}"),
        (
            found.slower,
            f"had fewer than {PACE_BACK:.0%} of {usual} afterwards, by more than one request "
            f"(judged where {ENOUGH} or more were asked)",
        ),
        (
            found.sluggish,
            f"had half of their answers later than after {LONGER:.0f} times the time of before and {AND:.0f} s "
            f"(judged where {ENOUGH} or more were asked)",
        ),
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


def page(found: Found) -> str:
    return _page(found)
