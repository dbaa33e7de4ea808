"""kill -9 at every named place: nothing lost, nothing doubled, nothing out of order."""

import asyncio
import signal
from pathlib import Path

import pytest

from shared.crash import POINTS
from tests.faults.scene import Scene

WHERE = {
    "unit.before_commit": "consumer",
    "unit.after_commit": "consumer",
    "inbox.after_commit": "consumer",
    "relay.before_send": "relay",
    "relay.after_send": "relay",
}

# The place between a mail server's word and ours needs a mail server, and is tried where there is one.
ELSEWHERE = {"message.after_send": Path("tests/store/notifications/test_messenger_process.py")}


# These are reached by the whole product alone, and tried by `make faults`.
IN_THE_PRODUCT = {"delivery.after_send", "import.staged", "import.accepted", "days.turned"}


def test_every_crash_point_is_tried() -> None:
    assert {*WHERE, *ELSEWHERE, *IN_THE_PRODUCT} == set(POINTS)
    assert [point for point, path in ELSEWHERE.items() if f"{point}:" not in path.read_text()] == []


@pytest.mark.parametrize("point", WHERE)
async def test_kill_9_at(point: str, scene: Scene) -> None:
    """I1 to I4, I7, I9, I10. The process dies when it reaches the place for the third time, and another is started."""
    victim = WHERE[point]
    for name in ("relay", "consumer"):
        if name == victim:
            scene.start(name, CRASH_AT=f"{point}:3")
        else:
            scene.start(name)
    over = asyncio.Event()
    load = asyncio.create_task(scene.write_until(over))
    assert await scene.ended(victim, 40) == -signal.SIGKILL
    scene.start(victim)
    await scene.flowing()
    over.set()
    await load
    await scene.settled()
    history = await scene.judge()
    if point == "relay.after_send":  # it really died between the two
        places = [(each.key, each.place) for each in history.published]
        assert len(places) > len(set(places))
