"""Processes that stand still past lease and session, as under a hypervisor, and go on as if nothing had been (D3.4)."""

import os
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

import psutil
from aiokafka.errors import KafkaError

from tests.faults.must_read import MEMBERSHIP, PEOPLE, READERS
from tests.faults.of_records import settings_of
from tests.faults.scenario import REPLACED, Fault
from tests.faults.world import World
from tests.messaging.on_topic import each_of, ends_of, header

SENT_BY = {"membership": (MEMBERSHIP, PEOPLE)}  # the topics of who stands still between its look and its send
Ends = Mapping[str, Mapping[int, int]]  # by topic and partition, where it ended
LEASE = "select holder, extract(epoch from clock_timestamp() - until)::float as over from lease where name = 'relay'"


def stand_still(service: str) -> Fault:
    """SIGSTOP past lease and session, as by a hypervisor, of the one that relays; SIGCONT to it, if it still is that.

    Where there are replicas another takes over what it held. It knows nothing of that when it goes on.
    """

    async def inject(world: World) -> None:
        holder = await world.holder(service)
        pid = world.pid_of(service, int(holder.split("/")[0]))
        assert pid is not None, f"{service} does not run, so it cannot stand still"
        await _remember(world, service, pid, holder)
        os.kill(pid, signal.SIGSTOP)

    async def heal(world: World) -> None:
        if words := await _goes_on(world, service):
            world.saw(service, "stood still: " + ", ".join(words))

    return Fault("SIGSTOP past lease and session", service, inject, heal)


def stand_still_at(point: str, service: str) -> Fault:
    """The same between its look at the lease and its send: what it held in its hands goes out late."""

    async def inject(world: World) -> None:
        holder = await world.holder(service)
        await _remember(world, service, None, holder)
        settings = settings_of(world, "notifications")
        world.kept[f"{service} ends"] = {topic: await ends_of(settings, topic) for topic in SENT_BY[service]}
        await world.comes_to(service, point, f"pause {point}")

        def stands_there() -> bool:
            """It has taken the file away by now, and may take a moment to stop."""
            replicas = [number for name, number in world.replicas if name == service]
            pids = [pid for number in (0, *replicas) if (pid := world.pid_of(service, number)) is not None]
            world.kept[f"{service} still"]["pid"] = next((pid for pid in pids if _stands_still(pid)), None)
            return world.kept[f"{service} still"]["pid"] is not None

        await world.until(stands_there, 10, f"{service} came to {point} and went on")

    async def heal(world: World) -> None:
        world.kept[f"{service} stood"] = await _goes_on(world, service)

    async def evidence(world: World) -> None:
        """It bit if what another had sent meanwhile came once more: numbers that stand on the topic twice."""
        words, ends = world.kept.pop(f"{service} stood", []), world.kept.pop(f"{service} ends", {})
        late = 0

        async def sent_late() -> bool:
            nonlocal late
            with suppress(KafkaError, AssertionError):  # a broker that is too busy to tell of its topics
                late = await _repeated(world, ends)
            return late > 0

        with suppress(TimeoutError):
            await world.until(sent_late, 10, f"{service} sent nothing late")
        if words and late:
            world.saw(service, f"stood still: {', '.join(words)}; records that it sent late: {late}")

    return Fault(
        f"SIGSTOP at {point} past the lease",
        service,
        inject,
        heal,
        within=REPLACED,
        crash_point=point,
        evidence=evidence,
    )


async def _repeated(world: World, since: Ends) -> int:
    """How many numbers stand on these topics more than once, from these places on."""
    numbers: Counter[tuple[str, str | None, str | None]] = Counter()
    for topic, ends in since.items():
        async for record in each_of(settings_of(world, "notifications"), topic, since=ends):
            numbers[topic, record.key, header(record, "ce_sequence")] += 1
    return sum(times > 1 for times in numbers.values())


async def _remember(world: World, service: str, pid: int | None, holder: str) -> None:
    members = await world.members(service) if service in READERS else 0
    world.kept[f"{service} still"] = {"pid": pid, "holder": holder, "members": members}


async def _goes_on(world: World, service: str) -> list[str]:
    """SIGCONT; what shows that it had stood still past its lease and, of a reader, past its session. Nothing if not both."""
    kept = world.kept.pop(f"{service} still", None)
    if kept is None or kept["pid"] is None or not _stands_still(kept["pid"]):
        return []
    try:
        words = await _past_its_lease(world, service, kept["holder"])
        if service in READERS:
            left = await _past_its_session(world, service, kept["members"])
            words = [*words, *left] if words and left else []
        return words
    finally:
        os.kill(kept["pid"], signal.SIGCONT)


async def _past_its_lease(world: World, service: str, holder: str) -> list[str]:
    (lease,) = await world.sql(service, LEASE)
    if lease["holder"] != holder:
        return [f"replica {lease['holder'].split('/')[0]} took the lease of {holder.split('/')[0]}"]
    return [f"its lease had run out {lease['over']:.0f} s ago"] if lease["over"] > 0 else []


async def _past_its_session(world: World, service: str, members: int) -> list[str]:
    """The broker looks at sessions when they end; the answer may be a moment late."""
    left = members

    async def is_out() -> bool:
        nonlocal left
        left = await world.members(service)
        return left < members

    with suppress(TimeoutError):
        await world.until(is_out, 5, f"the group of {service} kept all its members")
        return [f"its group went from {members} to {left}"]
    return []


def _stands_still(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.NoSuchProcess:
        return False
