"""What shows that a fault was there, and what shows nothing: that it was put there is not that it hit anybody."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.messaging.inbox import Record
from tests.faults import of_groups, of_records, of_servers, of_standing
from tests.faults.asking import Answer
from tests.faults.of_records import recognised

MINE, HOLDER = os.getpid(), "0/one"


class World:
    """A service with replicas, as the harness sees it when it goes on after standing still."""

    def __init__(self, *, lease: dict[str, Any], members: int = 2):
        self.lease = lease
        self.left = members
        self.kept: dict[str, Any] = {}
        self.said: list[str] = []
        self.stack = SimpleNamespace(url=lambda service: f"http://{service}")
        self.token = ""

    def stands_still(self, service: str) -> None:
        self.kept[f"{service} still"] = {"pid": MINE, "holder": HOLDER, "members": 2}

    async def sql(self, service: str, statement: str) -> list[Any]:
        return [self.lease]

    async def members(self, service: str) -> int:
        return self.left

    async def until(self, true: Callable[[], Awaitable[bool]], seconds: float, otherwise: str) -> None:
        if not await true():
            raise TimeoutError(otherwise)

    def saw(self, who: str, what: str) -> None:
        self.said.append(what)


TAKEN, LAPSED, HELD = (
    {"holder": holder, "over": over} for holder, over in (("1/two", -3), (HOLDER, 5.2), (HOLDER, -1))
)


@pytest.fixture(autouse=True)
def goes_on(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Who was told to go on; nobody really stands still here."""
    told: list[int] = []
    monkeypatch.setattr(of_standing, "_stands_still", lambda pid: True)
    monkeypatch.setattr(of_standing.os, "kill", lambda pid, by: told.append(pid))
    return told


@pytest.mark.parametrize(
    ("service", "lease", "members", "said"),
    [
        ("meetings", TAKEN, 1, ["stood still: replica 1 took the lease of 0, its group went from 2 to 1"]),
        ("meetings", LAPSED, 1, ["stood still: its lease had run out 5 s ago, its group went from 2 to 1"]),
        ("meetings", TAKEN, 2, []),  # past its lease, and not past its session
        ("meetings", HELD, 1, []),
        ("membership", TAKEN, 2, ["stood still: replica 1 took the lease of 0"]),  # it reads nothing
        ("membership", HELD, 2, []),
    ],
)
async def test_who_stood_still_was_past_its_lease_and_a_reader_past_its_session_too(
    service: str, lease: dict[str, Any], members: int, said: list[str], goes_on: list[int]
) -> None:
    world: Any = World(lease=lease, members=members)
    world.stands_still(service)
    await of_standing.stand_still(service).heal(world)
    assert (world.said, goes_on) == (said, [MINE])


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((7, 8, 7), ["stood still: replica 1 took the lease of 0; records that it sent late: 1"]),
        ((7, 8, 9), []),  # it lost its lease with nothing in its hands, or sent none of it
    ],
)
async def test_who_stood_still_before_its_send_has_sent_late_what_another_had_sent(
    numbers: tuple[int, ...], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """D3.4: numbers that stand on the topic twice since."""

    async def each_of(settings: Any, topic: str, *, since: dict[int, int]) -> AsyncIterator[Record]:
        assert since == {0: 40}
        for offset, number in enumerate(numbers):
            yield Record(topic, 0, 40 + offset, "937/school/1", b"{}", [("ce_sequence", str(number).encode())])

    monkeypatch.setattr(of_standing, "each_of", each_of)
    monkeypatch.setattr(of_standing, "settings_of", lambda world, service: None)
    world: Any = World(lease=TAKEN)
    world.stands_still("membership")
    world.kept["membership ends"] = {"consortia.membership.events.v1": {0: 40}}
    fault = of_standing.stand_still_at("relay.before_send", "membership")
    await fault.heal(world)
    await fault.evidence(world)
    assert world.said == said


@pytest.mark.parametrize(
    ("spoke", "said"), [(3, ["22 ends of connections half open, 3 times somebody spoke into one"]), (0, [])]
)
async def test_half_open_connections_bite_when_somebody_speaks_into_one(spoke: int, said: list[str]) -> None:
    class Proxy:
        swallowed = 5

        async def forsake(self) -> int:
            return 22

        async def mend(self) -> None:
            self.swallowed += spoke

    world: Any = World(lease=HELD)
    world.broker = Proxy()
    fault = of_servers.half_open("kafka")
    await fault.inject(world)
    await fault.heal(world)
    assert world.said == said


async def test_an_inbox_tells_by_its_own_count_how_many_it_knew_again(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (
        'consortia_inbox_records_total{fate="applied",service="meetings"} 1200.0\n'
        'consortia_inbox_records_total{fate="duplicate",service="meetings"} 400.0\n'
        'consortia_inbox_records_created{fate="duplicate",service="meetings"} 1.7e+09\n'
    )

    async def answer(method: str, address: str, *, token: str) -> Answer:
        assert (method, address) == ("GET", "http://meetings/metrics")
        return Answer(200, {}, page.encode())

    monkeypatch.setattr(of_records, "request", answer)
    world: Any = World(lease=HELD)
    assert await recognised(world, "meetings") == 400
    page = ""
    assert await recognised(world, "meetings") == 0


@pytest.mark.parametrize(
    ("given", "anew", "said"),
    [
        (3, 4, ["3 of 3 newcomers were given partitions, and its own were given out anew 4 times"]),
        (3, 3, ["3 of 3 newcomers were given partitions, and its own were given out anew 3 times"]),
        (3, 1, []),  # one in three would do for anything but a storm
        (1, 1, ["1 of 3 newcomers were given partitions, and its own were given out anew 1 times"]),
        (0, 0, []),
    ],
)
async def test_a_storm_bites_when_partitions_were_given_out_anew_for_each_newcomer_that_got_some(
    given: int, anew: int, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "notifications.log"
    log.write_text('{"event": "inbox.assigned"}\n')  # before the storm
    came = iter(range(3))

    class Newcomer:
        def __init__(self, *topics: str, **settings: Any):
            self.number = next(came)

        async def start(self) -> None:
            if self.number < anew:
                with log.open("a") as file:
                    file.write('{"event": "inbox.assigned"}\n')

        def assignment(self) -> set[int]:
            return {1} if self.number < given else set()

        async def stop(self) -> None:
            if self.number == 2 and anew > 3:
                with log.open("a") as file:
                    file.write('{"event": "inbox.assigned"}\n')

    async def at_once(seconds: float) -> None:
        """No time passes."""

    async def until(true: Callable[[], bool], seconds: float, otherwise: str) -> None:
        """Whether it came is what is looked at."""

    monkeypatch.setattr(of_groups, "AIOKafkaConsumer", Newcomer)
    monkeypatch.setattr(of_groups, "pace", at_once)
    world: Any = World(lease=HELD)
    world.until = until
    world.stack = SimpleNamespace(logs=lambda: {"notifications": log}, kafka_client=lambda service: {})
    storm = of_groups.rebalance_storm("notifications", 3)
    await storm.inject(world)
    await storm.evidence(world)
    assert world.said == said
