"""Inspection calls and how people are reached: what standing loops of membership do with nobody at the keys (W-16, D3.4).

Of each call: whoever was asked in vain was followed by the next, once, and heard of it; it is closed when its report is out,
and not before. Of each person: membership, notifications and the last record on her topic say the same.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from shared.clock import NOW, TODAY
from tests.faults.found import Call
from tests.faults.history import OK, History, Operation
from tests.faults.told import CallSaid

if TYPE_CHECKING:
    from tests.faults.final import Final

Finding = tuple[str, str]
Sql = Callable[[str, str], Awaitable[list[Any]]]
ASKED, CLOSED = "membership.inspection-call.asked", "membership.inspection-call.closed"

# An inspection begins on the day of its call or later; a call that was recorded late, up to a week before that.
CALLS = f"""
    select c.call_id::text as call, c.urn, coalesce(c.closed_because, '') as closed_because,
        array_agg(a.answer order by a.place) as answers, array_agg(a.place order by a.place) as places,
        bool_or(a.answer = 'waiting' and a.answer_by <= {NOW}) is true as out_of_time,
        exists (select from outcome o where o.urn = c.urn and o.published_on > c.called_on
            and o.published_on <= {TODAY} and o.inspection_started_on >= c.called_on - 7) as reported
    from inspection_call c join inspection_ask a using (call_id) group by c.call_id
"""


async def read_calls(sql: Sql, found: "Final") -> None:
    for row in await sql("membership", CALLS):
        assert row["places"] == list(range(1, len(row["places"]) + 1)), "a place in line is missing"
        of = Call(row["urn"], tuple(row["answers"]), row["out_of_time"], row["closed_because"], row["reported"])
        found.calls = {**found.calls, row["call"]: of}
    found.emails = await _emails(sql, "membership")


async def read_who_was_asked(sql: Sql, found: "Final") -> None:
    """On the side of notifications."""
    rows = await sql(
        "notifications",
        "select event_id::text as event, count(*) as n from message where kind = 'inspection-call' group by 1",
    )
    found.asked_of = {row["event"]: row["n"] for row in rows}
    found.written_to = await _emails(sql, "notifications")


async def _emails(sql: Sql, service: str) -> dict[str, str]:
    rows = await sql(service, "select person_id::text as person, coalesce(email, '') as email from person")
    return {row["person"]: row["email"] for row in rows}


def findings(history: History, final: "Final") -> Iterator[Finding]:
    yield from _calls(final)
    yield from _what_was_said_of_them(final)
    yield from _people(history, final)


def _calls(final: "Final") -> Iterator[Finding]:
    for id_, call in final.calls.items():
        if call.closed_because:
            if call.closed_because == "published" and not call.reported:
                yield "I4", f"inspection call {id_} was closed by a report that nobody has published"
            continue
        if call.out_of_time:
            yield "I1", f"inspection call {id_} stayed with somebody whose time had run out"
        if call.reported:
            yield "I1", f"inspection call {id_} is open, and its report is out"
        if call.answers[-1] not in ("waiting", "accepted"):
            yield (
                "I1",
                f"inspection call {id_}: the last who was asked answered {call.answers[-1]}, and nobody was asked then",
            )
        for place, answer in enumerate(call.answers[:-1], 1):
            if answer == "waiting":
                yield "I2", f"inspection call {id_}: two are asked at once, at place {place} too"


def _what_was_said_of_them(final: "Final") -> Iterator[Finding]:
    """Each who was asked was told of once, and written to; each call that is closed was told of as closed once.

    Repeats, and copies for departments, have the id of the first.
    """
    said: dict[tuple[str, int], set[str]] = defaultdict(set)
    for records in final.topics.values():
        for record in records:
            if isinstance(record.said, CallSaid) and record.thing in (ASKED, CLOSED):
                said[record.said.call, record.said.place if record.thing == ASKED else 0].add(record.id)
    due = {(id_, place) for id_, call in final.calls.items() for place in range(1, len(call.answers) + 1)}
    due |= {(id_, 0) for id_, call in final.calls.items() if call.closed_because}
    for id_, place in due - said.keys():
        yield "I1", f"inspection call {id_}: {_in_words(place)}, and it was never told"
    for id_, place in said.keys() - due:
        yield "I4", f"inspection call {id_}: it was told that {_in_words(place)}, and it is not so"
    for (id_, place), events in said.items():
        if len(events) > 1:
            yield "I2", f"inspection call {id_}: it was told {len(events)} times that {_in_words(place)}"
        if place and not any(final.asked_of.get(event) for event in events):
            yield "I1", f"inspection call {id_}: {_in_words(place)}, and nobody was written to"


def _in_words(place: int) -> str:
    return f"whoever is at place {place} was asked" if place else "it was closed"


def _people(history: History, final: "Final") -> Iterator[Finding]:
    """The last address that was asked for is the one that membership has, and to which notifications writes."""
    asked: dict[str, list[Operation]] = defaultdict(list)
    for each in history.of("details"):
        asked[each.detail["person"]].append(each)
    for person, of_person in asked.items():
        last = max(of_person, key=lambda each: each.began)
        is_overtaken = any(each.ended >= last.began for each in of_person if each is not last)
        if last.outcome == OK and not is_overtaken and final.emails.get(person) != last.detail["email"]:
            yield "I1", f"{last.kind} {last.value} was accepted, and is not what membership has"
    for person, email in final.emails.items():
        if final.written_to.get(person) != email:
            yield "I1", f"person {person} is written to at another address than membership has"
