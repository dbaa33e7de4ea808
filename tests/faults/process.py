"""One side of the path as a process of its own, to be killed and paused: ``python -m tests.faults.process relay``.

The same parts as in a service, wired as `shared.service` does it; settings come from the environment.
"""

import argparse
import asyncio
import contextlib
import signal

import uvloop

from shared.settings import ServiceSettings
from shared.store import Store
from tests.messaging.sample import READER, WRITER, Reader
from tests.pace import pace


async def relay(stopping: asyncio.Event) -> None:
    from shared.messaging.relay import Relay

    settings = ServiceSettings()
    store = Store(settings.database_url, service=WRITER, pool_size=4)
    await Relay(store, settings, stopping=stopping).run()
    await store.close()


async def consumer(stopping: asyncio.Event, topic: str, group: str) -> None:
    from shared.messaging.consumer import Consumer  # each role only what it needs: a process is started for each fault

    settings = ServiceSettings()
    store = Store(settings.database_url, service=READER, pool_size=4)
    running = Consumer(store, settings, Reader().inbound(), READER, topics=[topic], group=group)
    while not stopping.is_set():
        try:
            await running.start()
            break
        except Exception:
            with contextlib.suppress(Exception):
                await running.stop()
            await pace(0.5)
    await stopping.wait()
    await running.stop()
    await store.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("relay", "consumer"))
    parser.add_argument("--topic", default="")
    parser.add_argument("--group", default="")
    chosen = parser.parse_args()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await (relay(stopping) if chosen.role == "relay" else consumer(stopping, chosen.topic, chosen.group))


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
