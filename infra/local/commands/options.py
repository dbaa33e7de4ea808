"""Options that many commands share, and the two ways in which they print."""

import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.local.trouble import Trouble

# A pipe has no width of its own; eighty columns would fold the names in a table.
console = Console(width=None if sys.stdout.isatty() else 200)

Data = Annotated[
    Path | None,
    typer.Option("--data", envvar="CONSORTIA_DATA", help="The folder of the stack.", show_default="per user"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def print_json(found: Any) -> None:
    """Plain, so that it can be piped: no colour, no wrapping."""
    typer.echo(json.dumps(found, indent=2, default=str, ensure_ascii=False))


def print_table(columns: Iterable[str], rows: Iterable[Iterable[Any]], title: str | None = None) -> None:
    """The cells as they are: of a name with brackets none is taken for a style."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    console.print(table)


def day(text: str) -> str:
    """A day as the services take it; a sentence instead of a traceback for anything else."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Trouble(f"{text} is not a date", "Write it as 2025-09-01.") from None
