"""The page of a run: one file that needs nothing else, with a row for each fault and a column for each invariant."""

from html import escape
from typing import TYPE_CHECKING

from tests.faults.checks import CHECKERS, NAMES
from tests.faults.history import Window
from tests.faults.matrix import COUNTED, blamed, exercised
from tests.faults.planted_list import PLANTED, Planted, of_the_stack_in_words
from tests.faults.steady import GIVEN
from tests.faults.throughput import EACH, Piece

if TYPE_CHECKING:
    from tests.faults.report import Found

STYLE = """
body{font:16px/1.5 Arial,sans-serif;margin:2rem auto;max-width:82rem;padding:0 1rem;color:#0b0c0c}
table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{border-bottom:1px solid #b1b4b6;padding:.25rem .4rem;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.bad{background:#f6d7d2;font-weight:bold}.late{background:#fff7bf}.skip{color:#505a5f}
th.i{writing-mode:vertical-rl;transform:rotate(180deg);font-weight:normal;white-space:nowrap}
"""


def page(found: "Found") -> str:
    outcome = "Something went wrong" if found.failed else "Nothing that must not happen happened"
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>",
        f"<title>Faults: {outcome}</title><style>{STYLE}</style></head><body><main>",
        f"<h1>Faults: {outcome}</h1><p>{escape(found.in_words())}.<br>{escape(found.flow_in_words())}.<br>",
        f"{escape(found.throughput.in_words())}.</p>",
        _slower(found),
        _flow(found),
        _matrix(found),
        _invariants(found),
        _planted(),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _matrix(found: "Found") -> str:
    """The first row judges the whole run; each other says what was tried of an invariant while its fault was there."""
    heads = "".join(f"<th class='i' scope='col'>{name} {escape(NAMES[name])}</th>" for name in CHECKERS)
    at_fault = blamed(found)
    whole = "".join(_verdict(found, name) for name in CHECKERS)
    rows = f"<tr><th scope='row'>The whole run</th>{whole}<td colspan='{len(COLUMNS)}'></td></tr>"
    rows += "".join(_row(found, each, at_fault) for each in found.history.windows)
    heads += "".join(f"<th scope='col'>{each}</th>" for each in COLUMNS)
    counted = "; ".join(f"{name} {words}" for name, words in COUNTED.items())
    return (
        f"<h2>Fault by invariant</h2><table><thead><tr><th scope='col'>Fault</th>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        "<p>An invariant is judged over the whole run: what one fault breaks may show only after the next. The number in a "
        f"cell says how much of it was tried from the fault's beginning until all had caught up ({escape(counted)}); a dash is "
        "nothing. A cell is red where something that went wrong was asked for in that time. I10 is measured fault by fault.</p>"
        "<p>Lasted: seconds until the fault was healed, or every process ready again where nobody heals it. Caught up: "
        "seconds from healing until every process was ready and all that had been committed by then was applied, each key by every "
        "reader. Answered: of the steady requests that began in that time, as many a second as were answered in it, and after it "
        f"those within {GIVEN:.0f} s each. Throughput: schools a second in a fixed piece of work when all had caught up and "
        f"nothing else of size went on; usual is the median of the last pieces before it, of which {EACH:.0%} are wanted. "
        "Records in: committed a second while the fault was "
        "there, each as often as it has readers; "
        "drained: applied a second from healing until caught up. Unanswered: requests whose answer did not "
        "come at once; each was asked for again. Parked, gaps: the most records at once that were set aside, and that waited "
        "for one before them.</p>"
    )


COLUMNS = (
    "Lasted", "Caught up", "Aim", "Answered/s during", "after", "Throughput", "usual", "Records/s in", "drained",
    "Unanswered", "Parked", "Gaps", "What shows that it bit",
)  # fmt: skip


def _verdict(found: "Found", name: str) -> str:
    wrong = len(found.wrong[name])
    return f"<td class='bad'>{wrong} wrong</td>" if wrong else "<td>&#10003;</td>"


def _row(found: "Found", each: Window, at_fault: dict[str, set[str]]) -> str:
    name = f"<th scope='row'>{escape(each.name)}</th>"
    if each.skipped:
        columns = len(CHECKERS) + len(COLUMNS)
        return f"<tr class='skip'>{name}<td colspan='{columns}'>not tried: {escape(each.skipped)}</td></tr>"
    tried = exercised(found.history, found.watch, each)
    marks = "".join(
        _healed(each) if invariant == "I10" else _tried(tried[invariant], each.name in at_fault[invariant])
        for invariant in CHECKERS
    )
    of_each = (found.late, found.throughput.slow, found.refused)
    late, slow, weak = (" late" if each in those else "" for those in of_each)
    recovery = (
        "<td class='n bad'>never</td>" if each.recovery is None else f"<td class='n{late}'>{each.recovery:.1f} s</td>"
    )
    numbers = (
        f"<td class='n'>{each.lasted:.1f} s</td>{recovery}<td class='n'>{each.within:.0f} s</td>"
        f"<td class='n'>{each.answered_during:,.1f}</td><td class='n'>{each.answered_after:,.1f}</td>"
        f"{_piece(found.throughput.after.get(each), slow)}"
        f"<td class='n'>{each.inflow:,.0f}</td><td class='n{weak}'>{each.drain:,.0f}</td>"
        f"<td class='n{weak}'>{each.unanswered}</td><td class='n'>{each.parked}</td><td class='n'>{each.gaps}</td>"
    )
    shown = "<br>".join(escape(said) for said in each.bit)
    lacking = f"<td class='bad'>nothing shows that it hit {escape(', '.join(each.toothless))}</td>"
    return f"<tr>{name}{marks}{numbers}{lacking if each.toothless else f'<td>{shown}</td>'}</tr>"


def _piece(piece: Piece | None, slow: str) -> str:
    """All that were taken; the best counts."""
    if piece is None:
        return "<td class='n'>&ndash;</td>" * 2
    paces = ", then ".join(f"{each:,.0f}" for each in piece.paces)
    return f"<td class='n{slow}'>{paces}</td><td class='n'>{piece.usual:,.0f}</td>"


def _slower(found: "Found") -> str:
    return "".join(f"<p class='bad'>{escape(each)}.</p>" for each in found.throughput.failures)


def _tried(count: int, is_bad: bool) -> str:
    return f"<td class='n{' bad' if is_bad else ''}'>{f'{count:,}' if count else '&ndash;'}</td>"


def _healed(each: Window) -> str:
    good = each.recovery is not None and not each.note
    return "<td>&#10003;</td>" if good else f"<td class='bad'>{escape(each.note) or 'no'}</td>"


def _invariants(found: "Found") -> str:
    rows = []
    for name, checker in CHECKERS.items():
        wrong = found.wrong[name]
        what = " ".join((checker.__doc__ or "").split()).removeprefix(f"{name}: ")
        shown = "".join(f"<li>{escape(each)}</li>" for each in wrong[:20])
        verdict = f"<td class='bad'>{len(wrong)} wrong<ul>{shown}</ul></td>" if wrong else "<td>holds</td>"
        rows.append(f"<tr><th scope='row'>{name}</th><td>{escape(what)}</td>{verdict}</tr>")
    return f"<h2>What must never happen</h2><table><tbody>{''.join(rows)}</tbody></table>"


def _planted() -> str:
    rows = "".join(map(_bug, PLANTED))
    return (
        "<h2>Bugs planted to prove the checkers</h2>"
        f"<p>Those in the whole stack were looked for in {escape(of_the_stack_in_words())}.</p>"
        "<table><thead><tr><th scope='col'>Planted</th>"
        "<th scope='col'>Caught by</th><th scope='col'>Which harness</th><th scope='col'>Where</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _bug(each: Planted) -> str:
    """In the checker's own words where a run has kept them."""
    words = f"{each.by}: {each.said}" if each.said else each.by
    by = f"<td class='bad'>MISSED by {escape(each.by)}</td>" if each.missed else f"<td>{escape(words)}</td>"
    return f"<tr><td>{escape(each.what)}</td>{by}<td>{escape(each.harness)}</td><td><code>{escape(each.where)}</code></td></tr>"


def _flow(found: "Found") -> str:
    """Records committed and applied a second over the whole run, faults in grey."""
    watch, width, height = found.watch, 1200, 160
    if len(watch.times) < 3:
        return ""
    begin, end = watch.times[0], watch.times[-1]
    step = max((end - begin) / 240, 1.0)
    moments = [begin + step * n for n in range(1, int((end - begin) / step))]
    flows = [watch.flow(at - step, at) for at in moments]
    highest = max([*flows, 1.0])

    def x(at: float) -> float:
        return (at - begin) / (end - begin) * width

    line = " ".join(
        f"{x(at):.0f},{height - flow / highest * height:.0f}" for at, flow in zip(moments, flows, strict=True)
    )
    grey = "".join(
        f"<rect x='{x(each.injected):.0f}' y='0' width='{max(x(each.healed) - x(each.injected), 1):.0f}' height='{height}' "
        f"fill='#dee0e2'><title>{escape(each.name)}</title></rect>"
        for each in found.tried
    )
    return (
        f"<h2>Records applied a second</h2><svg viewBox='0 0 {width} {height}' role='img' aria-label='Records applied a "
        f"second; the highest is {highest:,.0f}' style='width:100%'>{grey}<polyline points='{line}' fill='none' "
        f"stroke='#1d70b8' stroke-width='2'/></svg><p>Highest: {highest:,.0f} a second. Grey: while a fault was there.</p>"
    )
