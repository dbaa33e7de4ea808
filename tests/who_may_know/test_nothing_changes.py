"""A fact that somebody may not know changes nothing in any answer that she gets (R0.8).

Bodies, lists, counts, sort orders, filters, CSV, feed, journeys, agendas, the log of webhooks, the topics of departments:
two worlds are alike but for one fact, and everybody who may not know it gets the same from both, byte for byte.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

import pytest

from shared.contracts.services import routers_of, service_names
from shared.web.application import application
from tests.who_may_know.facts import PLANTED, Fact, Planted
from tests.who_may_know.routes import OWN, PLATFORM, addresses
from tests.who_may_know.seen_by_ops import names_in, what_ops_sees
from tests.who_may_know.viewers import DEPARTMENT, OPS, VIEWERS
from tests.who_may_know.world import AT_ONCE, DEPARTMENTS, World, X, comparable

pytestmark = pytest.mark.timeout(300)
HEADERS = ("content-type", "feed-highest", "feed-count", "feed-in-words", "link")


def test_no_route_without_a_word_on_who_may_know() -> None:
    """R0.8: whoever adds a GET route says in routes.py how it is asked."""
    there = {
        (service, route.path)
        for service in service_names()
        for route in application(service, routers_of(service), store=None, verifier=None).state.guarded
        if "GET" in route.methods
    }
    said = {(service, path) for service, own in OWN.items() for path in PLATFORM | own}
    assert sorted(there - said) == [], "a route without a word on who may know: add it to routes.py"
    assert sorted(said - there) == [], "no longer there"


@dataclass(frozen=True)
class Census:
    """Everything that anybody gets from one world: answers by viewer, and what departments are sent."""

    answers: dict[str, dict[str, str]]
    sent: dict[str, tuple[list[str], list[str]]]


@pytest.fixture(scope="session")
def without() -> dict[Any, Census]:
    """The worlds without the facts, by what they live through: taken once for all that are compared with them."""
    return {}


async def census(world: World, names: Collection[str]) -> Census:
    return Census(
        {name: await answers(world, VIEWERS[name]) for name in names},
        {each: (await topic(world, each), await deliveries(world, each)) for each in DEPARTMENTS},
    )


@pytest.mark.parametrize("planted", [pytest.param(each, id=each.name) for each in PLANTED])
async def test_facts_change_no_answer_for_those_who_may_not_know_them(
    worlds: Callable[[], Awaitable[World]], planted: Planted, without: dict[Any, Census]
) -> None:
    """R0.8, I13, N-02 to N-06; and an officer does get another answer for each of them, else nothing was planted.

    Whoever may know of them hears something too: a rule that lets nobody in would keep every secret.
    """
    if planted.meanwhile not in without:
        other = await worlds()
        await planted.meanwhile(other)
        other.stories.clear()
        without[planted.meanwhile] = await census(other, VIEWERS)
    world = await worlds()
    if not planted.in_the_midst:
        await planted.meanwhile(world)
    world.stories.clear()
    for fact in planted.facts:
        before = await shown(world, fact)
        with what_ops_sees() as seen:
            await fact.by(world)
        assert await shown(world, fact) != before, f"nobody sees {fact.name}"
        assert seen.spans
        assert seen.naming_somebody() == [], fact.name
    asked = [name for name in VIEWERS if name not in planted.may_know and name in planted.asks]
    expected, got = without[planted.meanwhile], await census(world, [*asked, *planted.may_know])
    leaks = [
        f"{name}: {address}\n  {expected.answers[name][address]}\n  {answer}"
        for name in asked
        if name not in OPS
        for address, answer in got.answers[name].items()
        if answer != expected.answers[name].get(address)
    ]
    assert not leaks, "\n".join(leaks)
    for department in planted.nothing_to:
        assert got.sent[department] == expected.sent[department], department
    deaf = [name for name in sorted(planted.may_know) if heard(got, name) == heard(expected, name)]
    assert not deaf, f"of {planted.name} nothing is heard by {deaf}"
    if "ops" in asked:
        _ops_counts_and_sees_nobody(expected.answers["ops"], got.answers["ops"])


def heard(of: Census, name: str) -> object:
    """All that a viewer gets by asking; a department also what it is sent."""
    return of.answers[name], of.sent["school-improvement"] if name in DEPARTMENT else None


async def shown(world: World, fact: Fact) -> list[str]:
    """What an officer gets where she sees a fact, whatever ids a world has made for itself."""
    officer = VIEWERS[fact.officer]
    found = [each for each in addresses(world, officer["roles"]) if fact.shows in each[1]]
    assert found, f"no address has {fact.shows}"
    return [comparable((await world.ask(service, address, officer)).text) for service, address in found]


def _ops_counts_and_sees_nobody(expected: dict[str, str], got: dict[str, str]) -> None:
    """N-04: ids only. No answer names the school oftener than without the fact, nor one about the school differs.

    What it sees of the processes themselves, spans and logs, is looked at while the facts are planted.
    """
    assert got.keys() == expected.keys()
    for address, answer in got.items():
        if X in address or "/imports" in address:  # how much a file changed tells what stood before it
            assert answer == expected[address]
        if "/imports" in address:  # nor does a line of a file name anybody, in a world with the fact or without
            assert names_in(answer) == [], address
        assert answer.count(X) == expected[address].count(X), address


async def answers(world: World, who: dict[str, Any]) -> dict[str, str]:
    """What this viewer gets from every address, under the address without the ids that a world made for itself."""
    found: dict[str, str] = {}
    asked = addresses(world, who["roles"])
    for start in range(0, len(asked), AT_ONCE):
        together = asked[start : start + AT_ONCE]
        given = await asyncio.gather(*(world.ask(service, address, who) for service, address in together))
        for place, ((service, address), answer) in enumerate(zip(together, given, strict=True), start):
            headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
            found[f"{place} {service} {comparable(address)}"] = comparable(
                f"{answer.status_code} {headers} {answer.text}"
            )
    return found


async def topic(world: World, department: str) -> list[str]:
    """What stands in the department's own topic."""
    async with world.stores["notifications"].unit() as uow:
        rows = await uow.rows(
            "select key, headers, value from outbox where topic = $1 order by id",
            f"consortia.937.{department}.events.v1",
        )
    return [comparable(json.dumps([row.key, row.headers, bytes(row.value).decode()])) for row in rows]


async def deliveries(world: World, department: str) -> list[str]:
    async with world.stores["notifications"].unit() as uow:
        rows = await uow.rows(
            "select body from delivery join subscription on subscription.id = subscription_id "
            "where department = $1 order by delivery.id",
            department,
        )
    return [comparable(str(row.body)) for row in rows]
