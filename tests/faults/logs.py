"""The logs of the services name no school (I13): whoever runs them reads them, and may not know whom a change is about."""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

# A number of its own: not a part of an id, nor the fraction of a second.
_SIX_DIGITS = re.compile(r"(?<![0-9a-f.\-])[0-9]{6}(?![0-9a-f\-])")


def naming_schools(logs: Path, services: Collection[str], urns: Collection[str]) -> Iterator[str]:
    """Which lines do, of each service and its replicas."""
    schools = frozenset(urns)
    for service in services:
        for file in sorted(logs.glob(f"{service}*.log*")):
            with file.open(encoding="utf-8", errors="replace") as lines:
                for number, line in enumerate(lines, 1):
                    if named := six_digits(_text(line)) & schools:
                        yield f"line {number} of {file.name} names {', '.join(sorted(named))}"


def six_digits(text: str) -> set[str]:
    return set(_SIX_DIGITS.findall(text))


def _text(line: str) -> str:
    """What a line says in words: the offset of a record may happen to be the number of a school."""
    try:
        return "\n".join(_words(json.loads(line)))
    except ValueError:
        return line  # of a process that died, for instance


def _words(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        yield from (word for each in found.values() for word in _words(each))
    elif isinstance(found, list):
        yield from (word for each in found for word in _words(each))
