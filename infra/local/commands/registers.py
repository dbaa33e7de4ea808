"""`import gias|ofsted|groups|group-links|school-links FILE`: hand a register to membership and watch it being read."""

import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, a_day, console, print_json, print_table
from infra.local.trouble import Trouble

ENDED = ("done", "waiting", "refused", "abandoned", "failed", "discarded")
SHOWN = 20  # problems


class Register(StrEnum):
    """What can be imported."""

    gias = "gias"
    ofsted = "ofsted"
    groups = "groups"
    group_links = "group-links"
    school_links = "school-links"


# What a file did, or would do, in the words of its report and in ours.
REPORT = {
    "schools_new": "schools that were not in the register",
    "schools_changed": "schools that differ",
    "schools_closed": "schools that another continues and that are gone",
    "outcomes_new": "outcomes that were not known",
    "outcomes_corrected": "outcomes that were known otherwise",
    "outcomes_of_a_later_day": "outcomes published after today, left out",
    "outcomes_under_two_numbers": "outcomes that stand beside one entered by hand of the same day (`ask list`)",
    "outcomes_graded_again": "outcomes with areas that a monitoring visit graded again (see the warnings)",
    "outcomes_of_another_kind": "outcomes that were entered by hand as of the other kind (`ask list`)",
    "trusts": "trusts",
    "links": "schools whose predecessors differ",
    "categories_changed": "categories in force that change",
    "speakers_changed": "schools for which somebody else speaks",
    "histories_corrected": "schools whose past reads otherwise",
    "lines_set_aside": "lines that had to wait for a school that stands still",
}


def import_register(
    kind: Annotated[Register, typer.Argument(help="Which register the file is.")],
    file: Annotated[Path, typer.Argument(help="The CSV file as it was published.")],
    as_at: Annotated[str | None, a_day("--as-at", "The day as at which it was published, as 2025-08-31.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")] = False,
    problems: Annotated[
        Path | None, typer.Option(help="Write the lines that can't be taken, or look wrong, to this CSV.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Import a published register: establishments, inspection outcomes, trusts, and the links of both."""
    api = Api(data)
    try:
        source = file.open("rb")
        size = file.stat().st_size
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}", "Give the path of a CSV file.") from error
    report = _opened(problems, file) if problems is not None else None
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with source, Progress(*columns, console=console, transient=True, disable=as_json) as progress:
        sending = progress.add_task(f"Sending {file.name}", total=size)

        def chunks() -> Iterator[bytes]:
            while chunk := source.read(1 << 16):
                yield chunk
                progress.advance(sending, len(chunk))
            progress.update(sending, description=f"Reading {file.name}")

        answer = api.post(
            "membership",
            f"/imports/{kind.value}",
            role="la.officer",
            content=chunks(),
            timeout=900,
            name=file.name,
            as_at=as_at,
            dry_run="true" if dry_run else None,
        ).json()
        found = _wait_for_end(api, answer, progress)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if report is not None:
        _write(report, api.download("membership", f"/imports/{found['import_id']}/problems.csv"))
        listed, of = len(found["problems"] + found["warnings"]), found["problems_found"] or found["warnings_found"]
        if not as_json:
            console.print(f"{problems} has {_so_many(listed, of)} lines to look at.", highlight=False, soft_wrap=True)
    if found["waiting"]["for_the_clock"]:
        raise waits_for_the_clock(found)
    if found["failure"]:
        raise failed(found)
    if found["state"] not in ("done", "waiting"):
        raise Trouble(f"{file.name} was {found['state']}", "Put right what is listed above, then import it again.")


def _opened(path: Path, sent: Path) -> BinaryIO:
    """Before anything is sent: once the file is applied it is too late to hear that its report can't be written."""
    if path.exists() and path.samefile(sent):
        raise Trouble(f"{path} is the file that is to be imported", "Give another path with --problems.")
    try:
        return path.open("ab")  # what an earlier import wrote stays until this one has ended
    except OSError as error:
        raise Trouble(
            f"{path} cannot be written: {error.strerror}", "Give another path with --problems. Nothing was sent."
        ) from error


def _write(report: BinaryIO, content: bytes) -> None:
    try:
        with report:
            report.truncate(0)
            report.write(content)
    except OSError as error:
        raise Trouble(
            f"{report.name} cannot be written: {error.strerror}",
            "The file was read all the same: `imports list --all`.",
        ) from error


def _so_many(shown: int, of: int) -> str:
    return f"the first {shown} of {of}" if shown < of else str(of)


def failed(found: dict[str, Any]) -> Trouble:
    """A file that could not be applied to its end: where, why, and what to do now."""
    failure = found["failure"]
    where = f"failed at line {failure['line']}" if failure["line"] else "failed after its last line"
    return Trouble(
        f"{found['name']} {where}: {failure['reason']}",
        f"{failure['cure']} See `consortia imports retry {found['import_id']}` and `consortia imports discard`.",
    )


def waits_for_the_clock(found: dict[str, Any]) -> Trouble:
    """It was taken in, and nothing of it is applied until somebody has looked at the clock (D3.10)."""
    return Trouble(
        f"{found['name']} was taken in and waits. {found['waiting']['for_the_clock']}",
        "The rest is done by itself then: nobody has to send the file again.",
    )


def _print(found: dict[str, Any]) -> None:
    shown = {name: found[name] for name in ("import_id", "layout", "as_at", "state", "lines")}
    print_table(["", ""], shown.items())
    for note in found["notes"]:
        console.print(f"Note: {note}")
    if found["warnings"]:
        _print_lines(found["warnings"], found["warnings_found"], "lines were taken that somebody should look at")
    if found["problems"]:
        _print_lines(found["problems"], found["problems_found"], "lines can't be taken")
    elif found["state"] in ("done", "waiting"):
        done = [[found["report"][name], words] for name, words in REPORT.items() if found["report"].get(name)]
        print_table(["", "would change" if found["dry_run"] else "changed"], done or [["nothing", ""]])
        for name, urns in found["schools"].items():
            listed = f"{_so_many(len(urns), found['report'][name])}: {', '.join(urns)}"
            console.print(f"{REPORT[name]}, {listed}", highlight=False, soft_wrap=True)
    if found["waiting"]["because"]:
        console.print(waiting(found), highlight=False)


def _print_lines(lines: list[dict[str, Any]], of: int, what: str) -> None:
    rows = [[each["line"], each["column"], each["value"], each["cure"]] for each in lines[:SHOWN]]
    cut = f"; these are {_so_many(len(rows), of)}" if len(rows) < of else ""
    console.print(f"{of} {what}{cut}.", highlight=False, soft_wrap=True)
    print_table(["line", "column", "value", "what to do"], rows)


def waiting(found: dict[str, Any]) -> str:
    """How many lines of it wait for which schools, and why."""
    schools = ", ".join(f"{urn} ({lines})" for urn, lines in found["waiting"]["for"].items())
    for_whom = f"for {schools}" if schools else "for schools of other authorities"
    return f"{found['waiting']['lines']} lines of {found['name']} wait {for_whom}. {found['waiting']['because']}"


def _wait_for_end(api: Api, answer: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Applying goes on after the answer: ask how far it is until it has ended, or waits for somebody to confirm the clock."""
    taking = progress.add_task("Taking lines", total=None)
    while True:
        found: dict[str, Any] = api.get("membership", f"/imports/{answer['import_id']}")
        progress.update(taking, total=found["lines"], completed=found["position"])
        if found["state"] in ENDED or found["waiting"]["for_the_clock"]:
            return found
        time.sleep(0.3)
