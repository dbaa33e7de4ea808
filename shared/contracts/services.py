"""What the services say about themselves, for the documents: who handles which event, who may be told, which routes.

Shared code imports no service. These documents describe the whole system, so the services are looked up by name, and
only when a document is written or checked.
"""

import importlib
from collections.abc import Sequence
from functools import cache
from types import ModuleType

from fastapi import APIRouter

from shared.contracts.registry import EventType, all_event_types
from shared.messaging.inbound import Inbound


def service_names() -> list[str]:
    """Every service that publishes something; all four do."""
    return sorted({kind.service for kind in all_event_types()})


@cache
def inbound_of(service: str) -> Inbound:
    return _attribute(f"services.{service}.inbound", "INBOUND", Inbound())


def routers_of(service: str) -> Sequence[APIRouter]:
    module = _module(f"services.{service}.app")
    return module.build().routers if module else ()


def handlers_of(kind: EventType) -> dict[str, list[str]]:
    """Service by service, the names of the functions that take this event, in words."""
    found: dict[str, list[str]] = {}
    for service in service_names():
        inbound, names = inbound_of(service), []
        if kind.model in inbound.projections:
            names.append(inbound.projections[kind.model].keep.__name__)
        if kind.model in inbound.reactions:
            names.append(inbound.reactions[kind.model].__name__)
        if inbound.every is not None:
            names.append(inbound.every.__name__)
        if names:
            found[service] = [name.replace("_", " ") for name in names]
    return found


def departments_told(kind: EventType) -> list[str]:
    """The departments whose allow-list admits this type, in any authority."""
    lists = importlib.import_module("services.notifications.use_cases.pass_on").ALLOW_LISTS
    return sorted({str(each.department) for each in lists if each.admits(kind.name)})


def _attribute(module: str, name: str, default: Inbound) -> Inbound:
    found = _module(module)
    return getattr(found, name) if found else default


def _module(name: str) -> ModuleType | None:
    """The module, or None if the service doesn't have it. A module that is there and broken raises."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name is not None and name.startswith(missing.name):
            return None
        raise
