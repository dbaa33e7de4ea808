"""A relay paused past its lease, and another that took over: the lease does not fence the broker (D3.4)."""

import asyncio
import signal

from shared.messaging.relay import EXIT_LEASE_LOST
from tests.faults.scene import Scene


async def test_a_relay_paused_between_its_look_at_the_lease_and_its_send_does_no_harm(scene: Scene) -> None:
    """I3: it sends old records late, long after another has sent them and later ones; then it finds out and ends."""
    scene.start("consumer")
    scene.start("relay", PAUSE_AT="relay.before_send:3")
    over = asyncio.Event()
    load = asyncio.create_task(scene.write_until(over))
    await scene.stopped("relay", 40)
    scene.start("relay-2")
    await scene.flowing()
    over.set()
    await load
    await scene.settled()
    scene.send("relay", signal.SIGCONT)
    assert await scene.ended("relay") == EXIT_LEASE_LOST
    await scene.settled()
    history = await scene.judge()
    places = [(each.key, each.place) for each in history.published]
    assert len(places) > len(set(places)), "the paused relay sent nothing late, so the test showed nothing"
