"""Options that many commands share, and the two ways in which they print."""

import json
import re
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from infra.local.trouble import Trouble

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NONE = object()  # typed as `none`: there is none any more, where what is left out stays as it is

# A pipe has no width of its own; eighty columns would fold the names in a table.
console = Console(width=None if sys.stdout.isatty() else 200)

Data = Annotated[
    Path | None,
    typer.Option("--data", envvar="CONSORTIA_DATA", help="The folder of the stack.", show_default="per user"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


SHOW_PEOPLE = "`person list`, `explain`, `body show` and `system-leaders` show ids of people"


def a_person(who: str) -> Any:
    """An argument that takes the id of a person."""
    return typer.Argument(help=f"Id of {who}; {SHOW_PEOPLE}.")


def a_day(option: str, means: str) -> Any:
    """An option that takes a day."""
    return typer.Option(option, parser=lambda text: day(text, option), metavar="DAY", help=means)


def a_day_or_none(option: str, means: str) -> Any:
    """An option that takes a day; `none` says that there is none any more."""

    def said(text: str) -> Any:
        return NONE if text == "none" else day(text, option)

    return typer.Option(option, parser=said, metavar="DAY", help=means)


def print_json(found: Any) -> None:
    """Plain, so that it can be piped: no colour, no wrapping."""
    typer.echo(json.dumps(found, indent=2, default=str, ensure_ascii=False))


def print_table(columns: Iterable[str], rows: Iterable[Iterable[Any]], title: str | None = None) -> None:
    """The cells as they are: of a name with brackets none is taken for a style, and an id stays on one line, to be copied."""
    lines = [["" if cell is None else str(cell) for cell in row] for row in rows]
    heads = [
        Column(name, no_wrap=any(AN_ID.fullmatch(line[place]) for line in lines)) for place, name in enumerate(columns)
    ]
    table = Table(*heads, title=title, title_justify="left")
    for line in lines:
        table.add_row(*map(escape, line))
    console.print(table)


def day(text: str, option: str = "") -> str:
    """A day as the services take it; for anything else a sentence that names the option, instead of a traceback."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Trouble(f"{option} {text} is not a date".strip(), "Write it as 2025-09-01.") from None
