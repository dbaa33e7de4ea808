"""What befalls a group of processes: members that come and go, replicas under load, versions side by side."""

import asyncio
import importlib
import json
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

from infra.local.ports import SERVICES
from shared.contracts.meetings import MeetingScheduled
from shared.contracts.registry import type_of
from shared.messaging.kafka import HEARTBEATS
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


def rebalance_storm(service: str, times: int, session: float) -> Fault:
    """A member of the service's group that joins, takes partitions, applies nothing of them, and leaves, again and again.

    It stays until the others have heard of it, by their next heartbeat.
    """
    every = session * HEARTBEATS + 1.0

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
        if again >= joined >= 1:
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

    Departments get each meeting in the version in which it was told, which is looked at when the run is over; the new
    reader must know the place of each, also of those that were told without. A service that is the newer one already goes
    back first, its producer before its reader.
    """

    async def inject(world: World) -> None:
        newer = importlib.import_module(NEWER)  # the final reads must know what is on the topics from now on
        if world.modules["meetings"].startswith(NEWER):
            await _back_to_the_older(world)
        await newer.make_room(world.stack.owner_url("notifications"))
        with world.many_start():
            world.start_replica("notifications", 1, f"{NEWER} notifications")
            await world.replica_ready("notifications", 1)
            await world.runs_as("notifications", f"{NEWER} notifications")
            before = await _told(world)  # whatever comes from now on is read by the newer: no older reader is left
            world.start_replica("meetings", 1, f"{NEWER} meetings")
            await asyncio.to_thread(world.stack.wait_until_ready, "notifications")
            await world.replica_ready("meetings", 1)
        told = await _both_write(world, before)
        with world.many_start():
            await world.runs_as("meetings", f"{NEWER} meetings")
            await asyncio.to_thread(world.stack.wait_until_ready, "meetings")
        places = {OLDER_TYPE: newer.NOT_SAID, NEWER_TYPE: newer.PLACE}
        await _are_known(world, {meeting: places[version] for meeting, version in told.items()})
        times = Counter(told.values())
        world.saw(
            EVERYONE,
            f"{times[OLDER_TYPE]} meetings told in the older version and {times[NEWER_TYPE]} in the newer, side by side, "
            "and the newer reader had the place of each",
        )

    return Fault("rolling upgrade, two versions of a contract", EVERYONE, inject, _back_to_one, within=SERVER)


async def _both_write(world: World, before: Mapping[UUID, str], seconds: float = 30.0) -> dict[UUID, str]:
    """Meetings are asked for of either until both versions have come since; those that did, each with its version."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.gather(*(world.officers.ask_for_a_meeting() for _ in range(6)))
        told = {meeting: version for meeting, version in (await _told(world)).items() if meeting not in before}
        if {OLDER_TYPE, NEWER_TYPE} <= set(told.values()):
            return told
    raise TimeoutError(f"only one version was written: {dict(Counter(told.values()))}")


async def _told(world: World) -> dict[UUID, str]:
    """Each meeting on the topic, with the version that tells of it."""
    found = {}
    async for record in each_of(settings_of(world, "notifications"), MEETINGS):
        version = header(record, "ce_type")
        if version in (OLDER_TYPE, NEWER_TYPE) and record.value is not None:
            found[UUID(json.loads(record.value)["meeting_id"])] = version
    return found


async def _are_known(world: World, places: Mapping[UUID, str]) -> None:
    async def are_known() -> bool:
        rows = await world.sql("notifications", "select meeting_id, place from meeting_place")
        return places.items() <= {row["meeting_id"]: row["place"] for row in rows}.items()

    await world.until(are_known, 30, "the newer reader does not know where each meeting is held")


async def _back_to_the_older(world: World) -> None:
    """Nobody writes the newer version any more, all of it is read for good, and none waits, before its reader goes."""
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

    async def none_waits() -> bool:
        """Behind something of its body that waits for its stage: whoever lets it out must know its type."""
        return not await world.sql(
            "notifications", "select 1 from held where headers like $1 limit 1", f"%{NEWER_TYPE}%"
        )

    await world.until(none_waits, 60, "what departments are to know of a meeting was never let out")
    await world.runs_as("notifications", "services.notifications")
    await asyncio.to_thread(world.stack.wait_until_ready, "notifications")


async def _back_to_one(world: World) -> None:
    names = sorted(world.replicas)
    await asyncio.gather(*(world.stop_replica(*each) for each in names))
