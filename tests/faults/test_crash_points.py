"""kill -9 at every named place: nothing lost, nothing doubled, nothing out of order."""

import asyncio
import signal

import pytest

from tests.faults.scene import Scene

# The two between what the broker knows and what the database knows; every named place is tried by `make faults`.
WHERE = {"inbox.after_commit": "consumer", "relay.after_send": "relay"}


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
