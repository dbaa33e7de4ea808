"""A record as it stands on a topic, and of what it says just so much as is judged.

Whole, the records of a long run are larger than memory.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from sys import intern
from typing import Any

from shared.messaging.inbox import Record

Who = tuple[str, ...]  # role, office, body, trust, and who hears of it; empty strings where there is none


@dataclass(frozen=True, slots=True)
class OutcomeSaid:
    """Of a published outcome: when it was published, and for which region."""

    published_on: date
    region: str


@dataclass(frozen=True, slots=True)
class ChangeSaid:
    """Of a change of who speaks: who did and who does, on general matters and when inspected; whether a category was why."""

    before: tuple[Who | None, Who | None]
    after: tuple[Who | None, Who | None]
    by_category: bool


@dataclass(frozen=True, slots=True)
class ReleaseSaid:
    """Of a school that was told: the stories of which it knows now, and who hears for which trust by then."""

    releases: tuple[str, ...]
    trusts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CallSaid:
    """Of an inspection call: whether a desk of the council was asked about it by then; which it is, and who in line is asked."""

    at_a_desk: bool
    call: str = ""
    place: int = 0


Part = tuple[str, str]  # a story and one of the schools that it is about

Said = OutcomeSaid | ChangeSaid | ReleaseSaid | CallSaid | None


@dataclass(frozen=True, slots=True)
class Told:
    """One record."""

    key: str
    sequence: int
    id: str
    type: str
    sensitivity: str
    told: bool
    names: str = ""  # of an outcome, its inspection number
    compacted: bool = False
    story: str = ""
    said: Said = None

    @property
    def thing(self) -> str:
        """Without frame and version: membership.outcome.published."""
        return thing_of(self.type)

    @property
    def authority(self) -> str:
        return self.key.partition("/")[0]

    @property
    def subject(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def part(self) -> "Part":
        """The part of its story that is about its school: each school of a story is told by itself."""
        return self.story, self.subject


@cache
def thing_of(kind: str) -> str:
    return kind.removeprefix("consortia.").rpartition(".v")[0]


def told(record: Record, compacted: bool) -> Told:
    seen = dict(record.headers)

    def of(name: str) -> str:
        return seen.get(f"ce_{name}", b"").decode("utf-8", "replace")

    sequence, kind = of("sequence"), intern(of("type"))
    names, said = says(thing_of(kind), record.value)
    return Told(
        intern(record.key or ""),
        int(sequence) if sequence.isdigit() else 0,
        of("id"),
        kind,
        intern(of("dataclassification")),
        of("told") != "false",
        names,
        compacted,
        intern(of("correlationid")),  # one story has many records
        said,
    )


def says(thing: str, value: bytes | None) -> tuple[str, Said]:
    """The number of the inspection, if it is of one, and what else is judged. Of what can't be read: nothing."""
    read = _READ.get(thing)
    if read is None or value is None:
        return "", None
    try:
        return read(json.loads(value))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", None


def _outcome(data: dict[str, Any]) -> tuple[str, Said]:
    said = OutcomeSaid(date.fromisoformat(data["published_on"]), data["region"])
    return data["inspection_number"], _one_of_a_kind(said)


def _change(data: dict[str, Any]) -> tuple[str, Said]:
    before = (_who(data["general_before"]), _who(data["inspection_before"]))
    after = (_who(data["general_after"]), _who(data["inspection_after"]))
    return "", ChangeSaid(before, after, data["cause"] == "category-in-force")


def _release(data: dict[str, Any]) -> tuple[str, Said]:
    trusts = tuple((each["trust_id"], each["person_id"] or "") for each in data.get("trusts", ()))
    return "", ReleaseSaid(tuple(intern(story) for story in data["releases"]), trusts)


def _call(data: dict[str, Any]) -> tuple[str, Said]:
    return "", CallSaid(data["desk_asked"], data["call_id"], data.get("place_in_line") or 0)


def _who(speaker: dict[str, Any] | None) -> Who | None:
    if speaker is None:
        return None
    names = ("role", "office_id", "body_id", "trust_id")
    hears = speaker.get("person_id") or speaker.get("trust_contact_id") or ""
    return _one_who((*(str(speaker.get(name) or "") for name in names), str(hears)))


@cache
def _one_of_a_kind(said: OutcomeSaid) -> OutcomeSaid:
    """There are as many as days and regions, not as many as outcomes."""
    return said


@cache
def _one_who(who: Who) -> Who:
    return who


_READ: dict[str, Callable[[dict[str, Any]], tuple[str, Said]]] = {
    "membership.outcome.published": _outcome,
    "membership.outcome.withdrawn": _outcome,
    "membership.representation.reassigned": _change,
    "membership.representation-as-told.changed": _change,
    "membership.school.told": _release,
    "membership.inspection-call.asked": _call,
    "membership.inspection-call.accepted": _call,
    "membership.inspection-call.closed": _call,
}
