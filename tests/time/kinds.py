"""Facts in short."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.time.conftest import Fact

# Where each fact says on which day it is so; the first that it has.
DAYS = (
    "moved_on",
    "ended_on",
    "left_on",
    "lifted_on",
    "told_on",
    "valid_from",
    "on",
    "from_date",
    "meeting_on",
    "year_from",
)
SUBJECTS = ("post", "person_id", "urn", "year_from")


def day_of(fact: Fact) -> date | None:
    found = next((fact.data[name] for name in DAYS if fact.data.get(name)), None)
    return date.fromisoformat(found) if found else None


def in_short(fact: Fact, named: Callable[[Any], Any]) -> str:
    """The day, the type, the key's subject and what tells two facts of one type, key and day apart."""
    data = named(fact.data)
    parts = [str(day_of(fact)), fact.type, named(fact.key).rsplit("/", 1)[-1]]
    parts += [str(data[name]) for name in SUBJECTS if data.get(name) and str(data[name]) not in parts]
    if fact.type in ("representation.reassigned", "representation-as-told.changed"):
        parts.append(f"{data['general_after']['role']} because of {data['cause']}")
    if fact.type in ("category-in-force.changed", "category-as-told.changed"):
        parts.append(f"{data['before']} to {data['after']}")
    if fact.type == "school.recorded":
        parts[0] = data["opened_on"] if data["open"] else data["closed_on"]
        parts.append("open" if data["open"] else "closed")
    if not fact.told:
        parts.append("(not told)")
    return " ".join(parts)


def members_of(fact: Fact, named: Callable[[Any], Any]) -> str:
    data = named(fact.data)
    what, who = ("joined", data["joined"]) if data["joined"] else ("left", data["left"])
    return f"{data['from_date']} {who[0]} {what} {data['body_id']}"
