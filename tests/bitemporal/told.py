"""What the product's outbox holds, in the model's words. A kind of event that isn't named here fails the test."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from services.membership.store.withheld import waiting_in
from shared.clock import LONDON
from shared.contracts.envelope import read_envelope, unpack
from shared.store import UnitOfWork
from tests.bitemporal.model import DESK, MATTERS, Who

Said = tuple[Any, ...]
To = tuple[bool, str]  # whether it may go out at once, and its class
# Of each kind that is told of one thing: what names that thing, and the day that is said of it.
OF_ONE = {
    "la-category.set": ("entry_id", "from_date"),
    "la-category.lifted": ("entry_id", "lifted_on"),
    "allocation.made": ("allocation_id", "from_date"),
    "allocation.ended": ("allocation_id", "ended_on"),
    "office.taken-up": ("term_id", "from_date"),
    "office.ended": ("term_id", "ended_on"),
    "headship.began": ("person_id", "from_date"),
    "headship.ended": ("person_id", "ended_on"),
}
# Whole lines, by which nobody acts but whoever writes to people: `tests/store/membership/test_lines_told.py` says when.
LINES = ("chairs-of-governors.recorded", "trust-contacts.recorded")


class Listed(NamedTuple):
    """What is recorded of a school in the register's name."""

    open: bool
    trust: str | None
    closed: date | None
    type: str
    told: bool
    of_class: str


class Place(NamedTuple):
    """A school has joined a body, which leads or doesn't; or has left it (``lead`` is None)."""

    body: str | None
    urn: str
    on: date
    lead: bool | None
    told: bool
    of_class: str


class Told:
    def __init__(self) -> None:
        self.changes: dict[str, list[Said]] = defaultdict(list)
        self.listed: dict[str, list[Listed]] = defaultdict(list)
        self.facts: Counter[Said] = Counter()
        self.proposed: dict[str, tuple[str, int | None]] = {}  # of what officers are asked now
        self.waiting: dict[str, set[date]] = {}  # the days on which something was held back from schools that wait
        self.places: list[Place] = []
        self.edges: list[tuple[str, str]] = []  # what began and ended, in order
        self.unknown: list[str] = []


async def read_outbox(uow: UnitOfWork, named: Callable[[object], str | None], posts: dict[str, str]) -> Told:
    """Everything that waits to be sent, in order, and taken away; in the model's words."""
    told = Told()
    rows = await uow.rows("delete from outbox returning id, headers, value")
    for row in sorted(rows, key=lambda row: row.id):
        envelope = read_envelope(unpack(row.headers))
        kind = envelope.type.split(".", 2)[2].rsplit(".v", 1)[0]
        to = (envelope.told, envelope.sensitivity.value)
        _read(told, kind, json.loads(row.value) if row.value is not None else {}, to, named, posts)
    return told


def _read(
    told: Told,
    kind: str,
    data: dict[str, Any],
    to: To,
    named: Callable[[object], str | None],
    posts: dict[str, str],
) -> None:
    urn = named(data.get("urn")) or ""

    def who(told_of: dict[str, Any] | None) -> Who | None:
        if told_of is None or told_of["role"] == DESK.role:
            return DESK if told_of else None
        body, trust, person = (named(told_of[what]) for what in ("body_id", "trust_id", "person_id"))
        return Who(told_of["role"], body, posts.get(told_of["office_id"] or ""), trust, person)

    if kind in ("category-in-force.changed", "category-as-told.changed"):
        told.changes[urn].append((kind, data["before"], data["after"], *to))
    elif kind in ("representation.reassigned", "representation-as-told.changed"):
        before, after = (tuple(who(data[f"{matter}_{when}"]) for matter in MATTERS) for when in ("before", "after"))
        told.changes[urn].append((kind, before, after, *to))
    elif kind == "history.corrected":
        told.changes[urn].append((kind, data["what"], data["from_date"], data["until"], *to))
    elif kind in ("outcome.published", "outcome.withdrawn"):
        told.facts[(kind, urn, named(data["inspection_number"]), *to)] += 1
    elif kind == "school.recorded":
        closed = date.fromisoformat(data["closed_on"]) if data["closed_on"] else None
        told.listed[urn].append(Listed(data["open"], named(data["trust_id"]), closed, data["type_code"], *to))
    elif kind == "school.told":
        told.facts[(kind, urn, bool(data["releases"]), *to)] += 1
    elif kind.startswith("inspection-call."):
        told.facts[(kind, named(data["call_id"]), urn, *_of_call(kind, data, named), *to)] += 1
    elif kind == "category.proposed":
        told.facts[(kind, urn, *to)] += 1
    elif kind == "la-category.review-due":
        told.facts[(kind, named(data["entry_id"]), *to)] += 1
    elif kind == "office-holder.moved-school":
        told.facts[(kind, named(data["term_id"]), *to)] += 1
    elif kind in ("office.corrected", "allocation.corrected"):
        right = data["after"] if kind == "office.corrected" else None if data["withdrawn"] else data
        told.facts[
            (
                kind,
                named(data["term_id" if kind == "office.corrected" else "allocation_id"]),
                (named(right["person_id"]), str(right["from_date"]), str(right["until"])) if right else None,
                *to,
            )
        ] += 1
    elif kind == "body.recorded":
        told.facts[(kind, named(data["body_id"]), str(data["closed_on"]), *to)] += 1
    elif kind in ("school.joined-body", "school.left-body"):
        on = date.fromisoformat(data["from_date" if kind == "school.joined-body" else "left_on"])
        told.places.append(Place(named(data["body_id"]), urn, on, data.get("lead"), *to))
    elif kind in OF_ONE:
        which, on = OF_ONE[kind]
        school = f"/{urn}" if which == "person_id" else ""
        told.edges.append((kind, f"{named(data[which])}{school}"))
        told.facts[(*told.edges[-1], data[on], *to)] += 1
    elif kind not in LINES or to != (True, "internal"):
        told.unknown.append(kind)


def _of_call(kind: str, data: dict[str, Any], named: Callable[[object], str | None]) -> tuple[object, ...]:
    if kind == "inspection-call.closed":
        return (data["closed_on"], data["because"], data["desk_asked"])
    who = (data["role"], named(data["person_id"]), data["place_in_line"], data["desk_asked"])
    return (
        who
        if kind == "inspection-call.accepted"
        else (*who, _in_london(data["asked_at"]), _in_london(data["answer_by"]))
    )


def _in_london(instant: str | None) -> str | None:
    return None if instant is None else f"{datetime.fromisoformat(instant).astimezone(LONDON):%Y-%m-%d %H:%M}"


async def open_proposals(uow: UnitOfWork, authority: str) -> list[tuple[Any, str, str, int | None]]:
    """Of which outcome and category officers are asked, with the proposal and its school."""
    rows = await uow.rows(
        "select p.proposal_id, p.urn, p.inspection_number, p.category from proposal p join school s using (urn) "
        "where s.authority = $1 and not exists (select from proposal_end e where e.proposal_id = p.proposal_id) "
        "order by p.urn",
        authority,
    )
    return [tuple(row) for row in rows]


async def waiting_since(uow: UnitOfWork, authority: str) -> dict[str, set[date]]:
    """Of which days the acts are of which schools wait to be told."""
    found: dict[str, set[date]] = defaultdict(set)
    for row in await waiting_in(uow, authority):
        found[row.urn].add(row.acted_on)
    return found
