"""What shows that a fault was there, and what shows nothing: that it was put there is not that it hit anybody."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from shared.messaging.inbox import Record
from tests.faults import of_groups, of_processes, of_records, of_servers, of_standing
from tests.faults.asking import Answer
from tests.faults.of_records import recognised
from tests.faults.steady import Request

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


class Process:
    """Of a server: it stands still, or goes on all the same."""

    stops = True

    def __init__(self, pid: int):
        self.state = "running"

    def children(self, recursive: bool) -> list["Process"]:
        return [type(self)(2)]

    def suspend(self) -> None:
        self.state = psutil.STATUS_STOPPED if self.stops else "running"

    def status(self) -> str:
        return self.state

    def resume(self) -> None:
        self.state = "went on"


class GoesOn(Process):
    stops = False


@pytest.mark.parametrize(
    ("name", "process", "answered", "unsent", "said"),
    [
        ("kafka", Process, 107.0, 0, ["2 of its processes stood still to the end and 1 of 1 requests had no answer"]),
        ("kafka", Process, 107.0, 3, ["2 of its processes stood still to the end and 12 records waited to be sent"]),
        ("kafka", Process, 100.6, 3, ["2 of its processes stood still to the end and 12 records waited to be sent"]),
        ("kafka", Process, 100.6, 0, []),  # nobody felt anything
        ("kafka", GoesOn, 107.0, 3, []),
        (
            "postgres",
            Process,
            107.0,
            3,
            ["2 of its processes stood still to the end and 1 of 1 requests had no answer"],
        ),
        ("postgres", Process, 100.6, 3, []),  # which can't be asked, and has no part in what waits for the broker
    ],
)
async def test_a_server_that_stood_still_bites_when_somebody_felt_it(
    name: str, process: type[Process], answered: float, unsent: int, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that began before it, or a moment ago, says nothing."""

    async def rows(service: str, statement: str, *arguments: float) -> list[dict[str, int]]:
        assert arguments == (4.0, of_servers.LATE)
        return [{"n": unsent}]

    at = [100.0]
    world: Any = World(lease=HELD)
    world.pid = lambda name: 1
    world.sql = rows
    requests = [Request(99.9), Request(100.5, answered), Request(103.9)]
    world.officers = SimpleNamespace(steady=SimpleNamespace(requests=requests))
    monkeypatch.setattr(of_servers, "now", lambda: at[0])
    monkeypatch.setattr(of_servers.psutil, "Process", process)
    fault = of_servers.stopped_server(name)
    await fault.inject(world)
    still = list(world.kept[f"{name} still"])
    at[0] = 104.0
    await fault.heal(world)
    assert world.said == said
    assert [each.state for each in still] == ["went on", "went on"]


async def test_a_server_goes_on_also_where_nobody_can_be_asked_whether_he_felt_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world: Any = World(lease=HELD)
    world.pid = lambda name: 1
    monkeypatch.setattr(of_servers.psutil, "Process", Process)
    fault = of_servers.stopped_server("postgres")
    await fault.inject(world)
    still = list(world.kept["postgres still"])
    with pytest.raises(AttributeError):  # a world without officers
        await fault.heal(world)
    assert [each.state for each in still] == ["went on", "went on"]


@pytest.mark.parametrize(
    ("given", "anew", "said"),
    [
        (3, 4, ["3 of 3 newcomers were given partitions, and its own were given out anew 4 times"]),
        (3, 3, ["3 of 3 newcomers were given partitions, and its own were given out anew 3 times"]),
        (3, 1, []),  # one in three would do for anything but a storm
        (1, 1, ["1 of 3 newcomers were given partitions, and its own were given out anew 1 times"]),
        (0, 0, []),
        (0, 1, []),  # it came and went, and took nothing from anybody
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
    storm = of_groups.rebalance_storm("notifications", 3, 6.0)
    await storm.inject(world)
    await storm.evidence(world)
    assert world.said == said


async def test_a_clock_is_off_for_as_long_as_is_said_each_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    async def is_so(*_: Any) -> bool:
        return True

    async def started(service: str, environment: dict[str, str]) -> None:
        """It has another clock now."""

    monkeypatch.setattr(of_processes, "pace", rest)
    monkeypatch.setattr(of_processes, "_ahead", is_so)
    world: Any = World(lease=HELD)
    world.folder, world.with_environment = tmp_path, started
    await of_processes.clock_jump("meetings", 11.0).inject(world)
    assert rested == [11.0, 11.0]
    assert world.said == ["by its own answers it was an hour ahead, then an hour behind, for 11 s each"]
