"""`import gias|ofsted|group-links FILE`: hand a register to membership and watch it being read."""

import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, day, print_json, print_table
from infra.local.trouble import Trouble

ENDED = ("done", "refused", "abandoned")


class Register(StrEnum):
    """What can be imported."""

    gias = "gias"
    ofsted = "ofsted"
    group_links = "group-links"


def import_register(
    kind: Annotated[Register, typer.Argument(help="Which register the file is.")],
    file: Annotated[Path, typer.Argument(help="The CSV file as it was published.")],
    as_at: Annotated[str | None, typer.Option(help="The day as at which it was published, as 2025-08-31.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Import a published register: establishments, inspection outcomes, or the links of trusts."""
    api = Api(data)
    asked = day(as_at) if as_at else None
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
            "membership",
            f"/imports/{kind.value}",
            role="la.officer",
            content=chunks(),
            timeout=900,
            name=file.name,
            as_at=asked,
        ).json()
        found = _wait_for_end(api, answer, progress)
    if as_json:
        print_json(found)
    else:
        print_table(["", ""], [[name, value] for name, value in found.items() if value not in (None, [], {})])
    if found["state"] != "done":
        raise Trouble(f"{file.name} was {found['state']}", "Put right what is listed above, then import it again.")


def _wait_for_end(api: Api, answer: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Applying goes on after the answer: ask how far it is until it has ended."""
    taking = progress.add_task("Taking lines", total=None)
    while True:
        found: dict[str, Any] = api.get("membership", f"/imports/{answer['import_id']}")
        progress.update(taking, total=found["lines"], completed=found["position"])
        if found["state"] in ENDED:
            return found
        time.sleep(0.3)
