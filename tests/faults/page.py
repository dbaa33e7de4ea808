"""The page of a run: one file that needs nothing else, with a row for each fault and a column for each invariant."""

from html import escape
from typing import TYPE_CHECKING

from tests.faults.checks import CHECKERS, NAMES
from tests.faults.history import Window
from tests.faults.planted_list import PLANTED

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
    outcome = "Nothing that must not happen happened" if not found.failed else "Something went wrong"
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>",
        f"<title>Faults: {outcome}</title><style>{STYLE}</style></head><body><main>",
        f"<h1>Faults: {outcome}</h1><p>{escape(found.in_words())}.<br>{escape(found.flow_in_words())}.</p>",
        _flow(found),
        _matrix(found),
        _invariants(found),
        _planted(),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _matrix(found: "Found") -> str:
    """An invariant's mark stands for what was asked and told while the fault was there: the judgement is of the whole run."""
    heads = "".join(f"<th class='i' scope='col'>{name} {escape(NAMES[name])}</th>" for name in CHECKERS)
    rows = "".join(_row(found, each) for each in found.history.windows)
    columns = "Caught up", "Aim", "Answered/s before", "during", "after", "Records/s in", "drained", "Unanswered"
    heads += "".join(f"<th scope='col'>{each}</th>" for each in columns)
    return (
        f"<h2>Fault by invariant</h2><table><thead><tr><th scope='col'>Fault</th>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        "<p>Caught up: seconds from healing until every service was ready and all that had been committed was applied by "
        "every reader. Answered: requests that come at a steady rate, done with. Records in: committed a second while the "
        "fault was there, each as often as it has readers; drained: applied a second from healing until caught up. "
        "Unanswered: requests whose answer did not come at once; each was asked for again.</p>"
    )


def _row(found: "Found", each: Window) -> str:
    name = f"<th scope='row'>{escape(each.name)}</th>"
    if each.skipped:
        return f"<tr class='skip'>{name}<td colspan='{len(CHECKERS) + 8}'>not tried: {escape(each.skipped)}</td></tr>"
    marks = "".join(_mark(found, each, invariant) for invariant in CHECKERS)
    late = " late" if each in found.late else ""
    recovery = (
        "<td class='n bad'>never</td>" if each.recovery is None else f"<td class='n{late}'>{each.recovery:.1f} s</td>"
    )
    answered = (each.answered_before, each.answered_during, each.answered_after)
    rates = "".join(f"<td class='n'>{rate:,.1f}</td>" for rate in answered)
    rates += "".join(f"<td class='n'>{flow:,.0f}</td>" for flow in (each.inflow, each.drain))
    return f"<tr>{name}{marks}{recovery}<td class='n'>{each.within:.0f} s</td>{rates}<td class='n'>{each.unanswered}</td></tr>"


def _mark(found: "Found", each: Window, invariant: str) -> str:
    if invariant == "I10":
        good = each.recovery is not None and not each.note
        return "<td>&#10003;</td>" if good else f"<td class='bad'>{escape(each.note) or 'no'}</td>"
    return "<td class='bad'>?</td>" if found.wrong[invariant] else "<td>&#10003;</td>"


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
    rows = "".join(
        f"<tr><td>{escape(bug)}</td><td>{escape(by)}</td><td><code>{escape(where)}</code></td></tr>"
        for bug, by, where in PLANTED
    )
    return (
        "<h2>Bugs planted to prove the checkers</h2><table><thead><tr><th scope='col'>Planted</th>"
        f"<th scope='col'>Caught by</th><th scope='col'>Where</th></tr></thead><tbody>{rows}</tbody></table>"
    )


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
