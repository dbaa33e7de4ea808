"""Any sequence of facts, corrections and files ends in the state of the plain model: on every day, as known on every day.

`make properties` is the long run. A failing sequence is printed as the list of what was done, day by day.
"""

import asyncio
import itertools
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.store import Store
from tests.bitemporal.machine import AnyOrder
from tests.bitemporal.world import World

EXAMPLES = int(os.environ.get("CONSORTIA_EXAMPLES", "8"))
SEED = int(os.environ.get("CONSORTIA_SEED", "2006"))
STEPS = 40
# What was done is printed as it was; `CONSORTIA_SHRINK=1` looks for a shorter way to the same failure, for minutes.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("CONSORTIA_SHRINK") else (Phase.generate,)

pytestmark = pytest.mark.timeout(7200)


@pytest.fixture
def worlds(database: Callable[[str], Any]) -> Any:
    """Makes one small authority after another, in one database."""
    numbers = itertools.count(1)
    with asyncio.Runner() as runner:

        async def make_store() -> Store:
            store = Store(database("membership").app_url, service="membership")
            store.relay_is_here = True
            return store

        store = runner.run(make_store())
        yield partial(_world, store, numbers, runner)
        runner.run(store.close())


def _world(store: Store, numbers: Any, runner: asyncio.Runner) -> World:
    world = World(store, next(numbers), runner)
    # What an earlier world had planned is no business of this one, whose days begin at the same date.
    world.run(lambda uow: uow.execute("update due set done_at = now() where done_at is null"))
    world.run(lambda uow: uow.execute("update representation set next_due = null where next_due is not null"))
    return world


def test_any_sequence_of_facts_gives_the_answers_and_events_of_the_plain_model(worlds: Callable[[], World]) -> None:
    """R0.1, R0.3, R0.4, W-17, W-18, W-19, W-20, D3.10, I12"""

    class Here(AnyOrder):
        make = staticmethod(worlds)

    run_state_machine_as_test(
        seed(SEED)(Here),
        settings=settings(
            deadline=None,
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
            database=None,
            report_multiple_bugs=False,
            phases=PHASES,
        ),
    )
