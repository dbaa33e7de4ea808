"""What has not come yet is waited for: nothing is concluded from its absence, however slow or fast the machine."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import BrokerMetadata

from tests.faults import load as loads
from tests.faults import of_servers, of_standing, run
from tests.faults.asked import Asked
from tests.faults.asking import Answer
from tests.faults.ends import Ends
from tests.faults.history import Journal
from tests.faults.load import Load
from tests.faults.plan import short
from tests.faults.run import Runner
from tests.faults.scenario import Cell, Fault
from tests.faults.wiring import past_the_proxy


class World:
    """One in which something comes late: at the third look for it."""

    def __init__(self, folder: Path):
        self.kept: dict[str, Any] = {}
        self.replicas: dict[tuple[str, int], Any] = {}
        self.said: list[str] = []
        self.looks = 0
        self.log = folder / "server.log"
        self.log.write_text("")
        self.stack = SimpleNamespace(logs=lambda: {"kafka": self.log}, kafka=SimpleNamespace(wait_until_ready=list))
        self.disks = {"kafka": SimpleNamespace(fill=list, free=lambda: self.said.append("freed"))}

    async def until(self, true: Callable[[], bool | Awaitable[bool]], seconds: float, otherwise: str) -> None:
        for self.looks in range(1, 5):
            if self.looks == 3:
                self.comes()
            answer = true()
            if await answer if isinstance(answer, Awaitable) else answer:
                return
        raise TimeoutError(otherwise)

    def comes(self) -> None:
        self.log.write_text("No space left on device")

    async def holder(self, service: str) -> str:
        return "0/one"

    async def members(self, service: str) -> int:
        return 1

    async def comes_to(self, service: str, point: str, told: str) -> None:
        """The file is taken away before the signal is sent."""

    def pid_of(self, service: str, number: int) -> int:
        return os.getpid()

    def saw(self, who: str, what: str) -> None:
        self.said.append(what)


async def test_who_is_told_to_stand_still_at_a_place_may_take_a_moment_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world: Any = World(tmp_path)

    async def nothing_yet(settings: Any, topic: str) -> dict[int, int]:
        return {}

    monkeypatch.setattr(of_standing, "_stands_still", lambda pid: world.looks == 3)
    monkeypatch.setattr(of_standing, "settings_of", lambda world, service: None)
    monkeypatch.setattr(of_standing, "ends_of", nothing_yet)
    await of_standing.stand_still_at("relay.before_send", "membership").inject(world)
    assert world.kept["membership still"]["pid"] == psutil.Process().pid


async def test_a_disk_is_freed_when_the_server_has_said_that_it_is_full(tmp_path: Path) -> None:
    world: Any = World(tmp_path)
    full = of_servers.disk_full("kafka")
    await full.inject(world)
    await full.heal(world)
    assert world.said == ["nothing could be written, as the server said 1 times", "freed"]


async def test_a_disk_of_which_no_server_complains_is_freed_all_the_same(tmp_path: Path) -> None:
    world: Any = World(tmp_path)
    world.comes = lambda: None
    full = of_servers.disk_full("kafka")
    await full.inject(world)
    with pytest.raises(TimeoutError, match="never said"):
        await full.heal(world)
    assert world.said == ["freed"]


class Quiet:
    """Databases in which nothing moves: ``looks`` is what is left to do at each look, to the last."""

    def __init__(self, looks: list[int]):
        self.looks = looks

    async def heads(self) -> dict[str, int]:
        return {"consortia.membership.events.v1": 7}

    async def outbox(self) -> int:
        return 0

    async def behind(self, heads: dict[str, int]) -> int:
        return 0

    async def undelivered(self) -> int:
        return 0

    async def undone(self) -> int:
        return self.looks.pop(0)


async def test_a_run_is_not_over_while_a_piece_of_a_file_is_applied_however_long_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def at_once(seconds: float) -> None:
        """No time passes."""

    monkeypatch.setattr(run, "pace", at_once)
    looks = [1, 1, 1, 1, 1, 1, 0, 0, 0]
    nothing: Any = None
    watch: Any = Quiet(looks)
    assert await Runner(nothing, nothing, watch, nothing, print).drained()
    assert looks == []


async def test_what_goes_wrong_with_one_of_several_faults_heals_no_other_before_it_has_come(tmp_path: Path) -> None:
    done: list[str] = []
    is_slow = asyncio.Event()

    async def fails(world: Any) -> None:
        is_slow.set()
        raise TimeoutError("never came")

    async def comes_late(world: Any) -> None:
        await is_slow.wait()
        await asyncio.sleep(0)
        done.append("came")

    async def heal(world: Any) -> None:
        done.append("healed")

    class Ready:
        """Nobody is behind."""

        def __init__(self) -> None:
            self.seen: dict[str, list[str]] = {}
            self.ends = Ends()
            self.replicas: dict[tuple[str, int], Any] = {}

        async def all_ready(self) -> bool:
            return True

        async def due(self) -> dict[str, Any]:
            return {}

        def most_parked(self, since: float, until: float) -> tuple[int, int]:
            return 0, 0

        def flow(self, since: float, until: float, *, of: str = "applied") -> float:
            return 0.0

    calm: Any = Ready()
    load = Load(Journal(tmp_path / "history.jsonl"), lambda _: [], "", plan=short(1), room=lambda: True)
    faults = (Fault("fails", "one", fails, heal), Fault("comes late", "two", comes_late, heal))
    window = await Runner(calm, load, calm, load.journal, print)._cell(Cell("both", faults, during=9.0, after=0.0))
    assert done == ["came", "healed", "healed"]
    assert window.note == "TimeoutError: never came"


class Late(Load):
    """One officer, whose first request has no answer for twelve seconds, and whose second has one at once."""

    def __init__(self, folder: Path):
        super().__init__(Journal(folder / "history.jsonl"), lambda _: [], "", plan=short(1), room=lambda: True)
        self.now = 100.0
        self.answers = [None, Answer(201, {}, b"{}")]

    async def _post(self, asked: Asked, key: str) -> Answer | None:
        answer = self.answers.pop(0)
        self.now += 12.0 if answer is None else 0.1
        return answer


async def test_a_request_that_waits_still_for_an_earlier_fault_is_none_that_this_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the broker is away no write may be refused; one that the database had kept waiting before that was not."""

    async def at_once(seconds: float) -> None:
        """No time passes."""

    load = Late(tmp_path)
    monkeypatch.setattr(loads, "now", lambda: load.now)
    monkeypatch.setattr(loads, "pace", at_once)
    await load.ask(Asked("too early", "F1", "membership", "/outcomes", {}))
    assert load.unanswered_since(99.0) == 1
    assert load.unanswered_since(101.0) == 0


async def test_the_broker_is_asked_past_the_proxy_that_shuts_the_services_off() -> None:
    """Else nobody could see that a group has one member less: who stands still beside a broker that is away had no bite."""
    admin = AIOKafkaAdminClient(bootstrap_servers="127.0.0.1:9092")
    cluster = admin._client.cluster
    cluster._brokers[1] = BrokerMetadata(1, "127.0.0.1", 18792, None)
    past_the_proxy(admin, 9092)
    assert (cluster.broker_metadata(1).host, cluster.broker_metadata(1).port) == ("127.0.0.1", 9092)
    assert cluster.broker_metadata(2) is None
