"""Records that no producer of ours would write: poison, too large, of unknown kinds, again, and out of order."""

import re
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

import httpx2

from shared.contracts.membership import SchoolRecorded
from shared.contracts.registry import type_of
from shared.messaging.inbox import Record
from shared.settings import ServiceSettings
from tests.faults.asking import request
from tests.faults.must_read import READERS
from tests.faults.scenario import Fault
from tests.faults.world import World
from tests.messaging.on_topic import each_of, put
from tests.messaging.sample import ByHand, key_of, school

TOPIC = "consortia.membership.events.v1"
NAME = type_of(SchoolRecorded).name
OUR_OWN_NUMBERS = 999_000  # URNs that neither the register nor the made files use
AGAIN = 200  # records
DUPLICATES = "consortia_inbox_records_total"
KEYS = 7  # of odd records, from the first on


def settings_of(world: World, service: str) -> ServiceSettings:
    client = world.stack.kafka_client(service)
    return ServiceSettings(
        database_url="",
        kafka_bootstrap=client["bootstrap_servers"],
        kafka_username=client["sasl_plain_username"],
        kafka_password=client["sasl_plain_password"],
    )


def odd_records(first: int) -> list[Record]:
    """One of each kind, on keys of their own."""
    hand = ByHand(topic=TOPIC)
    large = school(first + 2, "x" * 920_000).model_dump_json().encode()
    return [
        hand.record(first, 1, value=b"\x00 poison"),
        hand.record(first, 2, "behind the poison"),
        hand.record(first + 1, 1, spoil=lambda headers: headers.clear()),
        hand.record(first + 2, 1, value=large),
        hand.record(first + 3, 1, type=NAME.replace(".v1", ".v7")),
        hand.record(first + 4, 1, type="consortia.membership.moon.landed-on.v1"),
        hand.record(first + 4, 2, "after the unknown type"),
        hand.record(first + 6, 1, value=None),  # a tombstone where there must be none
        hand.record(first + 5, 2, "second, and first to come"),
        hand.record(first + 5, 3, "third"),
        hand.record(first + 5, 1, "first, and last to come"),
    ]


def bad_records(first: int = OUR_OWN_NUMBERS) -> Fault:
    async def inject(world: World) -> None:
        world.by_hand |= {(TOPIC, key_of(first + n)) for n in range(KEYS)}
        settings = settings_of(world, "membership")
        seen: deque[Record] = deque(maxlen=AGAIN)
        async for record in each_of(settings_of(world, "meetings"), TOPIC):
            seen.append(record)
        world.kept["again"] = 2 * len(seen)
        world.kept["duplicates"] = {each: await recognised(world, each) for each in READERS}
        world.kept["odd records"] = await put(settings, TOPIC, [*seen, *odd_records(first), *seen])
        world.kept["fates"] = Counter()

    async def heal(world: World) -> None:
        """An operator looks at what is parked of them and gives it up, with a reason, until each has come to its end."""
        ends = world.kept.pop("odd records")

        async def all_given_up() -> bool:
            for service in READERS:
                await _note_fates(world, service)
                await give_up_what_is_parked(world, service)
            return all([await has_dealt_with_all(world, each, ends, first) for each in READERS])

        await world.until(all_given_up, 90, "the odd records were not read, not parked, or could not be given up")
        fates: Counter[str] = world.kept.pop("fates")
        again, before = world.kept.pop("again"), world.kept.pop("duplicates")
        known = [await recognised(world, each) - before[each] for each in READERS]
        if fates and min(known) >= again > 0:
            told = ", ".join(f"{n} {fate}" for fate, n in sorted(fates.items()))
            world.saw(
                TOPIC, f"seen by three readers: {told}; of {again} put there again each knew {min(known)} or more"
            )

    return Fault("poison, too large, unknown, again, out of order", TOPIC, inject, heal)


async def recognised(world: World, service: str) -> int:
    """How many duplicates the service's inbox has known as such, by its own count since it began."""
    page = (await request("GET", f"{world.stack.url(service)}/metrics", token=world.token)).body.decode()
    counted = re.search(rf'^{DUPLICATES}\{{.*fate="duplicate".*\}} (\S+)$', page, re.MULTILINE)
    return round(float(counted[1])) if counted else 0


LAST = {0: 2, 2: 1, 3: 1, 4: 2, 5: 3, 6: 1}  # the last number of each odd key; the one without an envelope has none


async def has_dealt_with_all(world: World, service: str, ends: Mapping[int, int], first: int) -> bool:
    """Each of them was read, for good; then nothing of them is parked, and each key is at its end.

    Only in this order. Before it was read nothing is parked of a record without an envelope, which leaves no other trace;
    and one that was given up before its offset was committed may come, and be set aside, once more.
    """
    if not await world.has_read(service, TOPIC, ends):
        return False
    left = await world.sql(service, "select from parked where topic = $1 and key = any($2)", TOPIC, _odd_keys(world))
    rows = await world.sql(service, "select key, sequence from inbox_key where topic = $1", TOPIC)
    reached = {row["key"]: row["sequence"] for row in rows}
    return not left and all(reached.get(key_of(first + n)) == last for n, last in LAST.items())


def _odd_keys(world: World) -> list[str]:
    """Of this time and of earlier ones. What else is parked is nothing that an operator gives up here."""
    return [key for topic, key in world.by_hand if topic == TOPIC]


async def give_up_what_is_parked(world: World, service: str) -> None:
    headers = {"Authorization": f"Bearer {world.token}"}
    async with httpx2.AsyncClient(base_url=world.stack.url(service), headers=headers, timeout=30) as http:
        for parked_id in await _at_fault(world, service):
            answer = await http.post(
                f"/api/v1/parked/{parked_id}/discard",
                json={"reason": "put there by hand to see what becomes of it"},
                headers={"Idempotency-Key": str(parked_id)},
            )
            answer.raise_for_status()
            world.kept["fates"]["given up"] += 1


async def _note_fates(world: World, service: str) -> None:
    """Waiting behind another, or for one before; what is parked itself is counted as it is given up."""
    for row in await world.sql(service, "select status, count(*) as n from parked group by 1"):
        if row["status"] in ("gap", "waiting"):
            noted = f"{row['status']} in {service}"
            world.kept["fates"][noted] = max(world.kept["fates"][noted], row["n"])


AT_FAULT = """
    select id from parked where status in ('parked', 'aside') and topic = $1 and key = any($2) order by parked_at, id
"""


async def _at_fault(world: World, service: str) -> list[Any]:
    rows = await world.sql(service, AT_FAULT, TOPIC, _odd_keys(world))
    return [row["id"] for row in rows]
