"""When the records that were put on a topic by hand count as dealt with."""

from typing import Any

import pytest

from tests.faults.of_records import LAST, OUR_OWN_NUMBERS, TOPIC, has_dealt_with_all
from tests.messaging.sample import key_of

FIRST = OUR_OWN_NUMBERS
ENDS = {0: 12, 3: 40}
AT_THE_END = {key_of(FIRST + n): last for n, last in LAST.items()}


class Service:
    """One that reads the topic, as the harness sees it."""

    def __init__(self, *, read_to: dict[int, int], parked: int = 0, reached: dict[str, int] = AT_THE_END):
        self.read_to = read_to
        self.parked = parked
        self.reached = reached
        self.by_hand = {(TOPIC, key_of(FIRST))}

    async def has_read(self, service: str, topic: str, ends: dict[int, int]) -> bool:
        return all(self.read_to.get(partition, 0) >= end for partition, end in ends.items())

    async def sql(self, service: str, statement: str, *arguments: Any) -> list[Any]:
        if "from parked" in statement:
            return [{}] * self.parked
        return [{"key": key, "sequence": at} for key, at in self.reached.items()]


async def _has_dealt_with_all(service: Any) -> bool:
    return await has_dealt_with_all(service, "notifications", ENDS, FIRST)


async def test_odd_records_are_dealt_with_when_all_are_read_none_is_parked_and_each_key_is_at_its_end() -> None:
    assert await _has_dealt_with_all(Service(read_to={0: 12, 3: 41}))


async def test_while_one_may_still_come_that_nothing_is_parked_says_nothing() -> None:
    """The one without an envelope lies alone on its partition, and no key says that it has come."""
    assert not await _has_dealt_with_all(Service(read_to={0: 12, 3: 39}))
    assert not await _has_dealt_with_all(Service(read_to={0: 12}))


@pytest.mark.parametrize("spoilt", [{"parked": 1}, {"reached": AT_THE_END | {key_of(FIRST + 5): 2}}])
async def test_what_is_parked_or_short_of_its_end_is_not_dealt_with(spoilt: dict[str, Any]) -> None:
    assert not await _has_dealt_with_all(Service(read_to=ENDS, **spoilt))
