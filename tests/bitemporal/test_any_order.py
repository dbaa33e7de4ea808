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
import uvloop
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.store import Store
from tests.bitemporal import checks, checks_calls
from tests.bitemporal.machine import AnyOrder
from tests.bitemporal.meetings import Meetings
from tests.bitemporal.officers import Officers
from tests.bitemporal.world import World

EXAMPLES = int(os.environ.get("CONSORTIA_EXAMPLES", "2"))
SEED = int(os.environ.get("CONSORTIA_SEED", "2006"))
STEPS = 40
ENOUGH = 60  # examples; of fewer it says nothing that something was never tried
# What was done is printed as it was; `CONSORTIA_SHRINK=1` looks for a shorter way to the same failure, for minutes.
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("CONSORTIA_SHRINK") else (Phase.generate,)

pytestmark = pytest.mark.timeout(7200)

CALLS_ARE_OVER = (
    "update inspection_ask set answer = 'not-needed' where answer = 'waiting'",
    "update inspection_call set closed_on = called_on, closed_because = 'officer' where closed_on is null",
)


@pytest.fixture
def worlds(database: Callable[[str], Any]) -> Any:
    """Makes one small authority after another, in one database."""
    numbers = itertools.count(1)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        async def make_store() -> Store:
            store = Store(database("membership").app_url, service="membership")
            store.relay_is_here = True
            return store

        store = runner.run(make_store())
        yield partial(_world, store, numbers, runner)
        runner.run(store.close())


def _world(store: Store, numbers: Any, runner: asyncio.Runner, meetings: Meetings | None = None) -> World:
    world = World(store, next(numbers), runner, meetings=meetings or Meetings())
    # What an earlier world had planned is no business of this one, whose days begin at the same date.
    world.run(lambda uow: uow.execute("update due set done_at = now() where done_at is null"))
    for standing in ("representation", "representation_as_told"):
        forget = f"update {standing} set next_due = null where next_due is not null"
        world.run(lambda uow, forget=forget: uow.execute(forget))  # type: ignore[misc]
    for settled in CALLS_ARE_OVER:
        world.run(lambda uow, settled=settled: uow.execute(settled))  # type: ignore[misc]
    return world


def test_any_sequence_of_facts_gives_the_answers_and_events_of_the_plain_model(
    worlds: Callable[..., World], record_property: Callable[[str, object], None]
) -> None:
    """R0.1, R0.3, R0.4, R0.8, W-16, W-17, W-18, W-19, W-20, D3.10, I12"""
    meetings = Meetings()

    class Here(AnyOrder):
        make = staticmethod(partial(worlds, meetings=meetings))

    try:
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
    finally:
        if EXAMPLES >= ENOUGH:
            record_property("what met", "\n".join(meetings.table()))


def test_schools_told_of_a_part_go_on_as_if_the_rest_had_not_been(worlds: Callable[[], World]) -> None:
    """R0.8: whatever was held back first and last, a telling of the day between, entered late; then all is told."""
    world = worlds()
    world.begin()
    acts = Officers(world)

    def then(*done: Callable[[], None]) -> None:
        for each in done:
            each()
        world.settle()
        wrong = checks.now(world) + checks_calls.calls(world)
        assert not wrong, world.tell(wrong)

    def days_pass(days: int) -> None:
        acts.clock(days)
        then()

    kinds: list[Callable[[str], None]] = [
        lambda name: acts.set_entry(name, 4, 0, None),
        lambda name: acts.set_entry(name, 1, 0, None),
        lambda name: acts.allocate(name, "dot", 0, None),
        lambda name: acts.override(name, "both", "eve", 0, 6),
    ]
    told = ["m1", "m2", "a1", "u1"]
    then(*(partial(kind, name) for kind, name in zip(kinds, told, strict=True)))
    days_pass(1)
    between = world.today
    days_pass(1)
    then(*(partial(kind, name) for kind, name in zip([kinds[2], kinds[3], kinds[0], kinds[2]], told, strict=True)))
    then(partial(acts.publish, "a1", 0, 3, {"headline": 4}, "graded"))
    days_pass(1)
    then(*(partial(acts.tell_school, name, between) for name in told))
    assert set(world.expected.held) == set(told)
    then(
        partial(acts.change_office, "A", "chair", "eve", 0),
        partial(acts.publish, "m2", 0, 3, {"headline": 4}, "graded"),
    )
    days_pass(4)
    then(*(partial(acts.tell_school, name, world.today) for name in told))
    assert not world.expected.held
    assert not (wrong := checks.everything(world)), world.tell(wrong)
