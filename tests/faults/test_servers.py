"""kill -9 of PostgreSQL and of the broker under load, and poison among good records while one of them restarts."""

import asyncio
import signal

import psutil

from infra.local.bare import BareStack
from shared.contracts.membership import SchoolRecorded
from shared.contracts.registry import type_of
from tests.faults.scene import Scene
from tests.messaging.on_topic import put
from tests.messaging.sample import ByHand

NAME = type_of(SchoolRecorded).name


def _kill_whole(stack: BareStack, name: str) -> None:
    """The server with all its children: backends left behind would keep the shared memory of the old one."""
    children = psutil.Process(stack.pid(name)).children(recursive=True)
    stack.kill(name, signal.SIGKILL)
    for child in children:
        if child.is_running():
            child.kill()
    psutil.wait_procs(children, 10)


async def test_kill_9_of_postgresql_under_load(stack: BareStack, scene: Scene) -> None:
    """Answers that were lost are unknown, not lost: what is in the database is what is told."""
    scene.start("relay")
    scene.start("consumer")
    over = asyncio.Event()
    load = asyncio.create_task(scene.write_until(over))
    await scene.flowing()
    _kill_whole(stack, "postgres")
    stack.start_postgres()
    await asyncio.to_thread(stack.postgres.wait_until_ready)
    await scene.flowing()
    over.set()
    await load
    await scene.settled()
    await scene.judge()
    assert all(scene.processes[name].poll() in (None, -signal.SIGKILL) for name in ("relay", "consumer"))


async def test_kill_9_of_the_broker_under_load(stack: BareStack, scene: Scene) -> None:
    """What was committed meanwhile waits in the outbox; the relay builds a new producer when the broker is back."""
    scene.start("relay")
    scene.start("consumer")
    over = asyncio.Event()
    load = asyncio.create_task(scene.write_until(over))
    await scene.flowing()
    _kill_whole(stack, "kafka")
    await scene.write(10)
    stack.start_kafka()
    await asyncio.to_thread(stack.kafka.wait_until_ready)
    await scene.flowing()
    over.set()
    await load
    await scene.settled()
    await scene.judge()


async def test_poison_an_unknown_type_and_an_unknown_version_under_load(scene: Scene) -> None:
    """I9: each its fate, and the good go by."""
    scene.start("relay")
    scene.start("consumer")
    over = asyncio.Event()
    load = asyncio.create_task(scene.write_until(over))
    await scene.flowing()
    hand = ByHand()
    await put(
        scene.reader.settings,
        scene.topic,
        [
            hand.record(90, 1, value=b"\x00 poison"),
            hand.record(90, 2, "behind the poison"),
            hand.record(91, 1, type=NAME.replace(".v1", ".v7")),
            hand.record(92, 1, type="consortia.membership.moon.landed-on.v1"),
            hand.record(92, 2, "after the unknown type"),
            hand.record(93, 1, spoil=lambda headers: headers.clear()),
        ],
    )
    scene.by_hand = frozenset({"behind the poison", "after the unknown type", "91-1-1", "92-1-1", "93-1-1"})
    await scene.flowing()
    over.set()
    await load
    await scene.settled()
    history = await scene.judge()
    assert sorted((each.key or "").rsplit("/", 1)[-1] + " " + each.status for each in history.parked) == [
        "90 parked",
        "90 waiting",
        "91 parked",
        "93 aside",
    ]
    assert "after the unknown type" in {each.value for each in history.applied}
