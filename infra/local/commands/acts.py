"""What every act of an officer has in common: its declaration says where it is entered and what it carries.

    @enters(office, "end")
    def end(term_id: TermId, on: LastDay, reason: Reason) -> Entry:
        \"\"\"End a term of office.\"\"\"
        return Entry(f"/offices/{term_id}/end", {"ended_on": on, "reason": reason})

The folder of the stack and `--json` are added here, the answer is told here.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import httpx2
import typer

from infra.local.client import Api
from infra.local.commands.options import NONE, AsJson, Data, console, print_json

Declared = TypeVar("Declared", bound=Callable[..., "Entry"])
_OPTIONS = [
    inspect.Parameter("data", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Data),
    inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=AsJson),
]


@dataclass(frozen=True)
class Entry:
    """The route of membership at which something is entered, and what it carries; None: it was left out."""

    path: str
    carries: Mapping[str, Any]

    def sent(self) -> dict[str, Any]:
        """What was left out is not sent; NONE is sent as null."""
        return {name: _plain(value) for name, value in self.carries.items() if value is not None}


def enters(group: typer.Typer, name: str) -> Callable[[Declared], Declared]:
    """Declare a command of a group: its arguments and help are the function's, and it is entered at membership."""

    def declare(says: Declared) -> Declared:
        def command(data: Any, as_json: bool, **given: Any) -> None:
            entry = says(**given)
            told_of(Api(data).post("membership", entry.path, entry.sent()), as_json)

        signature = inspect.signature(says)
        asked = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in signature.parameters.values()]
        asked += _OPTIONS
        command.__signature__ = signature.replace(parameters=asked, return_annotation=None)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in asked}
        command.__doc__ = says.__doc__
        group.command(name)(command)
        return says

    return declare


def told_of(answer: httpx2.Response, as_json: bool) -> None:
    """What became of a command, and under which id to follow it."""
    correlation = answer.headers.get("X-Correlation-ID")
    found = {**answer.json(), "correlation_id": correlation}
    if as_json:
        print_json(found)
        return
    _print_fields({name: value for name, value in found.items() if name != "correlation_id"}, "")
    if correlation:
        console.print(f"Follow it with: journey {correlation}", highlight=False)


def _plain(value: Any) -> Any:
    if value is NONE:
        return None
    return str(value) if isinstance(value, UUID) else value


def _print_fields(answer: dict[str, Any], indent: str = "  ") -> None:
    for name, value in answer.items():
        if isinstance(value, dict):
            console.print(f"{indent}{name.replace('_', ' ')}")
            _print_fields(value, indent + "  ")
        elif isinstance(value, list):
            _print_fields({name: ", ".join(str(each) for each in value) or None}, indent)
        elif value is not None:
            console.print(f"{indent}{name.replace('_', ' ')}: {value}", highlight=False, markup=False)
