"""What befalls a group of processes: members that come and go, replicas under load, versions side by side."""

import asyncio
import importlib
import time
from collections import Counter
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

from infra.local.ports import SERVICES
from shared.contracts.meetings import MeetingScheduled
from shared.contracts.registry import type_of
from tests.faults.must_read import MEETINGS, TOPICS
from tests.faults.of_records import settings_of
from tests.faults.scenario import SERVER, Fault
from tests.faults.world import World
from tests.messaging.on_topic import each_of, header
from tests.pace import pace

EVERYONE = "all services"
NEWER = "tests.faults.newer"
OLDER_TYPE = type_of(MeetingScheduled).name
NEWER_TYPE = OLDER_TYPE.replace(".v1", ".v2")


def rebalance_storm(service: str, times: int, every: float = 1.0) -> Fault:
    """A member of the service's group that joins, takes partitions, applies nothing of them, and leaves, again and again."""

    async def once(world: World) -> bool:
        """Whether it was given any."""
        topics = sorted(TOPICS[service])
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
            return bool(restless.assignment())
        finally:
            with suppress(Exception):
                await asyncio.wait_for(restless.stop(), 5)

    def given_out_anew(world: World) -> int:
        """How often, by the service's own log."""
        with world.stack.logs()[service].open("rb") as log:
            log.seek(world.kept["before the storm"])
            return log.read().count(b"inbox.assigned")

    async def inject(world: World) -> None:
        """Who was there before hears of a newcomer only at its next heartbeat."""
        world.kept["before the storm"] = world.stack.logs()[service].stat().st_size
        world.kept["newcomers"] = sum([await once(world) for _ in range(times)])
        await world.until(
            lambda: given_out_anew(world) > 0, 20, f"the partitions of {service} were never given out anew"
        )

    async def evidence(world: World) -> None:
        """Each newcomer that was given partitions took them from those who had them; so these were given theirs anew."""
        again, joined = given_out_anew(world), world.kept.pop("newcomers", 0)
        if again >= max(joined, 1):
            words = (
                f"{joined} of {times} newcomers were given partitions, and its own were given out anew {again} times"
            )
            world.saw(service, words)

    return Fault("rebalance storm", service, inject, within=SERVER, evidence=evidence)


def replicas_come(number: int) -> Fault:
    """Another replica of every service, under load; it stays until `replicas_go`."""

    async def inject(world: World) -> None:
        with world.many_start():
            for service in SERVICES:
                world.start_replica(service, number)
                world.kept[service, number] = "not ready"
            for service in SERVICES:
                await world.replica_ready(service, number)
                world.kept.pop((service, number))
        ready = sum(len(world.addresses(service)) for service in SERVICES)
        if ready == (number + 1) * len(SERVICES):
            world.saw(EVERYONE, f"{ready} processes ready")

    return Fault(f"{number + 1} replicas of every service", EVERYONE, inject, within=SERVER)


def replicas_go() -> Fault:
    """Back to one of each, under load."""

    async def inject(world: World) -> None:
        names = sorted(world.replicas)
        for each in names:
            world.kept[each] = "going"
        await asyncio.gather(*(world.stop_replica(*each) for each in names))
        for each in names:
            world.kept.pop(each)
        if names and not world.replicas:
            world.saw(EVERYONE, f"{len(names)} replicas ended as asked")

    return Fault("back to one of every service", EVERYONE, inject, within=SERVER)


def replica_killed(service: str, number: int, within: float) -> Fault:
    """kill -9 of a replica that nobody starts again: the others take over what it held, once its session has ended.

    Until then the broker cannot know of it, so what is aimed at counts from there.
    """

    async def inject(world: World) -> None:
        world.kept[f"{service} members"] = None  # until the broker has told
        world.kept[f"{service} members"] = await world.members(service)
        await world.kill_replica(service, number)

    async def has_settled(world: World) -> bool:
        """Until then nobody reads what it read: what is committed meanwhile waits."""
        before, left = world.kept[f"{service} members"], await world.members(service)
        if before is None:
            return True  # it was never killed, as is told
        if left < before:
            world.seen[service] = [f"its group went from {before} to {left}"]
        return bool(left < before)

    return Fault("kill -9 of a replica, for good", service, inject, within=within, has_settled=has_settled)


def rolling_upgrade() -> Fault:
    """Old and new side by side, readers first: a second version of one contract reaches notifications, then meetings.

    A service that is the newer one already goes back first, its producer before its reader.
    """

    async def inject(world: World) -> None:
        importlib.import_module(NEWER)  # the final reads must know what is on the topics from now on
        if world.modules["meetings"].startswith(NEWER):
            await _back_to_the_older(world)
        before = await _versions(world)
        with world.many_start():
            world.start_replica("notifications", 1, f"{NEWER} notifications")
            await world.replica_ready("notifications", 1)
            await world.runs_as("notifications", f"{NEWER} notifications")
            world.start_replica("meetings", 1, f"{NEWER} meetings")  # no older reader is left
            await asyncio.to_thread(world.stack.wait_until_ready, "notifications")
            await world.replica_ready("meetings", 1)
        older, newer = await _both_write(world, before)
        with world.many_start():
            await world.runs_as("meetings", f"{NEWER} meetings")
            await asyncio.to_thread(world.stack.wait_until_ready, "meetings")
        world.saw(EVERYONE, f"{older} meetings told in the older version and {newer} in the newer, side by side")

    return Fault("rolling upgrade, two versions of a contract", EVERYONE, inject, _back_to_one, within=SERVER)


async def _both_write(world: World, before: Counter[str], seconds: float = 30.0) -> tuple[int, int]:
    """Meetings are asked for of either until both versions have come since; how many of each did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.gather(*(world.officers.ask_for_a_meeting() for _ in range(6)))
        told = await _versions(world) - before
        if told[OLDER_TYPE] and told[NEWER_TYPE]:
            return told[OLDER_TYPE], told[NEWER_TYPE]
    raise TimeoutError(f"only one version was written: {dict(told)}")


async def _versions(world: World) -> Counter[str]:
    """Meetings on their topic by the version that tells of them."""
    settings = settings_of(world, "notifications")
    return Counter([header(record, "ce_type") or "" async for record in each_of(settings, MEETINGS)])


async def _back_to_the_older(world: World) -> None:
    """Nobody writes the newer version any more, and all of it is read for good, before its reader goes."""
    await world.runs_as("meetings", "services.meetings")
    await asyncio.to_thread(world.stack.wait_until_ready, "meetings")

    async def all_sent() -> bool:
        return not await world.sql("meetings", "select 1 from outbox limit 1")

    await world.until(all_sent, 30, "meetings did not send what it had told")
    records = each_of(settings_of(world, "notifications"), MEETINGS)
    ends = {each.partition: each.offset + 1 async for each in records if header(each, "ce_type") == NEWER_TYPE}
    await world.until(
        lambda: world.has_read("notifications", MEETINGS, ends), 30, "notifications did not read what meetings had told"
    )
    await world.runs_as("notifications", "services.notifications")
    await asyncio.to_thread(world.stack.wait_until_ready, "notifications")


async def _back_to_one(world: World) -> None:
    names = sorted(world.replicas)
    await asyncio.gather(*(world.stop_replica(*each) for each in names))
