"""`import gias|ofsted|group-links FILE`: hand a register to membership and watch it being read."""

import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.trouble import Trouble

ENDED = ("done", "finished", "complete", "completed", "failed", "refused", "rejected")


class Register(StrEnum):
    """What can be imported."""

    gias = "gias"
    ofsted = "ofsted"
    group_links = "group-links"


def import_register(
    kind: Annotated[Register, typer.Argument(help="Which register the file is.")],
    file: Annotated[Path, typer.Argument(help="The CSV file as it was published.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Import a published register: establishments, inspection outcomes, or the links of trusts."""
    api = Api(data)
    try:
        size = file.stat().st_size
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}", "Give the path of a CSV file.") from error
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=as_json) as progress:
        sending = progress.add_task(f"Sending {file.name}", total=size)

        def chunks() -> Iterator[bytes]:
            with file.open("rb") as source:
                while chunk := source.read(1 << 16):
                    yield chunk
                    progress.advance(sending, len(chunk))
            progress.update(sending, description=f"Reading {file.name}")

        answer = api.post(
            "membership", f"/imports/{kind.value}", role="la.officer", content=chunks(), timeout=900, name=file.name
        ).json()
        found = _wait_for_end(api, answer, progress)
    if as_json:
        print_json(found)
    else:
        print_table(["", ""], [[name, value] for name, value in found.items() if value not in (None, [], {})])


def _wait_for_end(api: Api, answer: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """An import that goes on after its answer is asked how far it is until it has ended."""
    found = answer
    task = None
    while "id" in found and str(found.get("status", found.get("state", "done"))).lower() not in ENDED:
        done, total = found.get("rows_done"), found.get("rows")
        if total and done is not None:
            task = task if task is not None else progress.add_task("Taking rows", total=total)
            progress.update(task, completed=done)
        time.sleep(0.3)
        found = api.get("membership", f"/imports/{found['id']}", role="la.officer")
    return found
