"""Two changes at one moment, a thousand times: whoever comes second decides with what the first one left.

A round is one school whose category changes while something else changes that its answer rests on, each in its own
transaction on its own connection. After each wave of rounds the stored answer of every school is what a plain second
reading of all committed facts gives (tests/bitemporal/model.py), its history has no gap and no overlap, and whoever
follows the events, each beginning where the one before it ended, comes to the same answer.
"""

import os
from collections.abc import Awaitable, Callable

import pytest

from services.membership.use_cases import turn_days
from tests.store.membership.races import racing
from tests.store.membership.races.crowd import Crowd
from tests.store.membership.races.racing import Heats, wave

# `make races` runs a thousand of each. A planted mistake shows in the first wave or two (test_planted.py).
ROUNDS = int(os.environ.get("CONSORTIA_RACES", "100"))  # of the pairs that D3.1 names; a policy is one of two
FURTHER = int(os.environ.get("CONSORTIA_RACES", "50"))  # of the others
MakeCrowd = Callable[..., Awaitable[Crowd]]

pytestmark = pytest.mark.timeout(600)


async def race(crowd: Crowd, heats: Heats, *, rounds: int, each: int = 5, turned: bool = True) -> None:
    """Waves with a round for ``each`` of the schools of a cell, until there were enough; and answers did change."""
    for _ in range(0, rounds, each * len(crowd.cells)):
        await wave(crowd, heats, turned=turned)
    assert crowd.reassigned >= rounds / 10


async def test_a_change_of_category_meets_a_change_of_chair(crowd: MakeCrowd) -> None:
    """D3.1, W-17, W-18, I12"""
    await race(await crowd(), racing.with_chair, rounds=ROUNDS)


async def test_a_change_of_category_meets_an_allocation(crowd: MakeCrowd) -> None:
    """D3.1, W-18, I12: made, and ended."""
    await race(await crowd(), racing.with_allocation, rounds=ROUNDS)


async def test_a_change_of_category_meets_a_change_of_policy(crowd: MakeCrowd) -> None:
    """D3.1, R0.3, I12"""
    await race(await crowd(), racing.with_policy, rounds=ROUNDS)


async def test_a_change_of_category_meets_a_change_of_category_policy(crowd: MakeCrowd) -> None:
    """D3.1, R0.1, I12: from the authority's own category to the published outcome, and back."""
    await race(await crowd(), racing.with_category_policy, rounds=ROUNDS)


async def test_a_change_of_category_meets_heads_who_hold_office_and_move(crowd: MakeCrowd) -> None:
    """D3.1, W-17, I12"""
    await race(await crowd(), racing.with_moving_heads, rounds=FURTHER, each=4)


async def test_a_change_of_category_meets_schools_that_join_a_body(crowd: MakeCrowd) -> None:
    """D3.1, I12: for a day; on the next they belong to none again."""
    await race(await crowd(joined=False), racing.with_joining, rounds=FURTHER)


async def test_a_change_of_category_meets_a_new_chief_executive(crowd: MakeCrowd) -> None:
    """D3.1, W-19, I12: for a day; on the next the School Improvement Partner has the conversation again."""
    await race(await crowd(maintained=False), racing.with_trust_contact, rounds=FURTHER)


async def test_a_change_of_category_meets_the_turn_of_the_day(
    crowd: MakeCrowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D3.1, D3.10, I12: the turn takes a few items at a time, so that there is somebody to meet."""
    monkeypatch.setattr(turn_days, "AT_MOST", 4)
    await race(await crowd(), racing.with_turn_of_day, rounds=FURTHER, turned=False)


async def test_a_change_of_category_meets_a_change_of_chair_and_an_allocation(crowd: MakeCrowd) -> None:
    """D3.1, I12: three at once."""
    await race(await crowd(), racing.with_chair_and_allocation, rounds=FURTHER)
