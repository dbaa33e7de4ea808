"""Reading stored events: open to fields that are not known yet, and old versions brought up to date.

Consumers learn a new major version first, then the producer switches; what was stored before is upcast by a pure
function as it is read (D3.11). An upcast takes the data of one version and gives the data of the next:

    @upcast("consortia.membership.school.recorded.v1")
    def school_phase_became_a_list(data: Data) -> Data:
        return {**data, "phases": [data["phase"]]}
"""

import json
from collections.abc import Callable
from typing import Any

from shared.contracts.registry import EventData, event_type

Data = dict[str, Any]
Upcast = Callable[[Data], Data]

_upcasts: dict[str, Upcast] = {}


class DeclaredTwice(Exception):
    def __init__(self, name: str):
        super().__init__(f"{name} has two upcasts; a version has one successor")


def upcast(name: str) -> Callable[[Upcast], Upcast]:
    """Declare how the data of this version becomes the data of the next major version."""

    def declare(function: Upcast) -> Upcast:
        if name in _upcasts:
            raise DeclaredTwice(name)
        _upcasts[name] = function
        return function

    return declare


def next_version(name: str) -> str:
    base, _, major = name.rpartition(".v")
    return f"{base}.v{int(major) + 1}"


def newest(name: str) -> str:
    """The name under which events of this type are handled: the last version that upcasts lead to."""
    while name in _upcasts:
        name = next_version(name)
    return name


def upcasts() -> dict[str, Upcast]:
    return dict(_upcasts)


def read(name: str, value: bytes) -> EventData:
    """The data of a stored event in its newest version.

    Unknown fields are ignored, so that a producer may add one before its readers know it. Raises UnknownEventType for a
    type that nobody declared, ValueError (pydantic's among them) for data that doesn't fit.
    """
    latest = newest(name)
    model = event_type(latest).model
    if latest == name:
        return model.model_validate_json(value, extra="ignore")
    data = json.loads(value)
    while name != latest:
        data = _upcasts[name](data)
        name = next_version(name)
    return model.model_validate_json(json.dumps(data), extra="ignore")
