"""`take-on FILE`: an authority's areas, desks, bodies, people and offices as they stand, whole or in parts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.trouble import Trouble


def take_on(
    file: Annotated[
        Path, typer.Argument(help="A JSON file; `TakeOn` in docs/openapi/membership.json says what it has.")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take on an authority, or a part of it: also a new person or body later. What is known already stays as it is."""
    try:
        document = json.loads(file.read_text())
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}", "Give the path of a JSON file.") from error
    except ValueError as error:
        raise Trouble(f"{file} is no JSON: {error}", "Put it right there, and send it again.") from error
    taken = Api(data).post("membership", "/take-on", document, timeout=600).json()
    if as_json:
        print_json(taken)
        return
    new = [[count, name.replace("_", " ")] for name, count in taken.items() if name != "notes" and count]
    print_table(["", "new"], new or [["nothing", ""]])
    for note in taken["notes"]:
        console.print(f"Note: {note}", highlight=False, soft_wrap=True)
