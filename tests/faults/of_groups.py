"""What befalls a group of processes: members that come and go, replicas under load, versions side by side."""

import asyncio
import importlib
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

from infra.local.ports import SERVICES
from tests.faults.scenario import SERVER, Fault
from tests.faults.watching import readers
from tests.faults.world import World
from tests.pace import pace


def rebalance_storm(service: str, times: int, every: float = 1.0) -> Fault:
    """A member of the service's group that joins, takes partitions, applies nothing of them, and leaves, again and again."""

    async def once(world: World) -> None:
        topics = sorted({topic for topic, _, reader in readers() if reader == service})
        client = world.stack.kafka_client(service)
        restless = AIOKafkaConsumer(
            *topics,
            **client,
            group_id=service,
            enable_auto_commit=False,
            partition_assignment_strategy=(StickyPartitionAssignor,),
            session_timeout_ms=6000,
            auto_offset_reset="earliest",
        )
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(restless.start(), every)
            await pace(every)
        finally:
            with suppress(Exception):
                await asyncio.wait_for(restless.stop(), 5)

    async def inject(world: World) -> None:
        for _ in range(times):
            await once(world)

    return Fault("rebalance storm", service, inject, within=SERVER)


def replicas_come(number: int) -> Fault:
    """Another replica of every service, under load; it stays until `replicas_go`."""

    async def inject(world: World) -> None:
        for service in SERVICES:
            world.start_replica(service, number)
            world.kept[service, number] = "not ready"
        for service in SERVICES:
            await world.replica_ready(service, number)
            world.kept.pop((service, number))

    return Fault(f"{number + 1} replicas of every service", "all services", inject, within=SERVER)


def replicas_go() -> Fault:
    """Back to one of each, under load."""

    async def inject(world: World) -> None:
        names = sorted(world.replicas)
        for each in names:
            world.kept[each] = "going"
        await asyncio.gather(*(world.stop_replica(*each) for each in names))
        for each in names:
            world.kept.pop(each)

    return Fault("back to one of every service", "all services", inject, within=SERVER)


def replica_killed(service: str, number: int) -> Fault:
    """kill -9 of a replica that nobody starts again: the others take over what it held."""

    async def inject(world: World) -> None:
        world.replicas[service, number].kill()
        await asyncio.to_thread(world.replicas.pop((service, number)).wait)

    return Fault("kill -9 of a replica, for good", service, inject, within=SERVER)


NEWER = "tests.faults.newer"


def rolling_upgrade() -> Fault:
    """Old and new side by side, readers first: a second version of one contract reaches notifications, then meetings."""

    async def inject(world: World) -> None:
        importlib.import_module(NEWER)  # the final reads must know what is on the topics from now on
        world.start_replica("notifications", 1, f"{NEWER} notifications")
        await world.replica_ready("notifications", 1)
        await world.runs_as("notifications", f"{NEWER} notifications")
        await asyncio.to_thread(world.stack.wait_until_ready, "notifications")
        world.start_replica("meetings", 1, f"{NEWER} meetings")
        await world.replica_ready("meetings", 1)
        await pace(2.0)  # both versions of the producer write
        await world.runs_as("meetings", f"{NEWER} meetings")
        await asyncio.to_thread(world.stack.wait_until_ready, "meetings")

    return Fault("rolling upgrade, two versions of a contract", "all services", inject, _back_to_one, within=SERVER)


async def _back_to_one(world: World) -> None:
    names = sorted(world.replicas)
    await asyncio.gather(*(world.stop_replica(*each) for each in names))
