"""The classic mistakes, planted: a thousand races would not let them pass."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from services.membership.domain.standing import Facts
from services.membership.store import withheld
from services.membership.store.facts import facts_of
from services.membership.use_cases import appointments, offices, policies, reroute
from services.membership.use_cases.hold import hold as hold_schools
from shared.failures import sqlstate
from shared.store import UnitOfWork
from tests.store.membership.races import racing
from tests.store.membership.races.crowd import Crowd, WrongAnswers

MakeCrowd = Callable[..., Awaitable[Crowd]]
WAVES = 20  # a thousand rounds
# The database itself refuses two holders of one post, or two answers from one day on; whatever else it says finds nothing.
TWO_AT_ONCE = ("23505", "23P01")
VICTIMS = {
    "chair": (offices, racing.with_chair),
    "allocation": (appointments, racing.with_allocation),
    "policy": (policies, racing.with_policy),
    "category policy": (policies, racing.with_category_policy),
}


def _hold_otherwise(patch: pytest.MonkeyPatch, victim: ModuleType, hold: Callable[..., Awaitable[list[str]]]) -> None:
    """In whichever of the two ways the victim holds its schools."""

    async def hold_but_for_still(uow: UnitOfWork, urns: Iterable[str]) -> tuple[list[str], frozenset[str]]:
        return await hold(uow, urns), frozenset()

    for name, instead in (("hold", hold), ("hold_but_for_still", hold_but_for_still)):
        if hasattr(victim, name):
            patch.setattr(victim, name, instead)


def decide_before_locking(patch: pytest.MonkeyPatch, victim: ModuleType) -> None:
    """Everything is read and decided first; the rows are locked only when the decision is written.

    What is withheld locks them too, before anything is decided: by itself that would make up for the mistake.
    """

    async def hold(uow: UnitOfWork, urns: Iterable[str]) -> list[str]:
        return sorted(set(urns))

    _hold_otherwise(patch, victim, hold)
    patch.setattr(withheld, "representation", SimpleNamespace(lock=hold))


def lock_without_reading_afresh(patch: pytest.MonkeyPatch, victim: ModuleType) -> None:
    """The rows are locked, but the categories are those that were read before there was a lock."""
    really_hold, early = hold_schools, {}

    async def hold(uow: UnitOfWork, urns: Iterable[str]) -> list[str]:
        wanted = sorted(set(urns))
        early[id(uow)] = uow, await facts_of(uow, wanted)
        held: list[str] = await really_hold(uow, wanted)
        return held

    async def facts_read_early(uow: UnitOfWork, urns: Iterable[str], **how: Any) -> dict[str, Facts]:
        fresh = await facts_of(uow, urns, **how)
        stale = early[id(uow)][1] if id(uow) in early else {}
        return {
            urn: replace(each, outcomes=stale[urn].outcomes, entries=stale[urn].entries) if urn in stale else each
            for urn, each in fresh.items()
        }

    _hold_otherwise(patch, victim, hold)
    patch.setattr(reroute, "facts_of", facts_read_early)


@pytest.mark.parametrize("plant", [decide_before_locking, lock_without_reading_afresh])
@pytest.mark.parametrize("met", VICTIMS)
async def test_a_planted_mistake_gives_a_wrong_answer_within_a_thousand_races(
    crowd: MakeCrowd, monkeypatch: pytest.MonkeyPatch, met: str, plant: Callable[[pytest.MonkeyPatch, ModuleType], None]
) -> None:
    """D3.1"""
    victim, heats = VICTIMS[met]
    here = await crowd()
    plant(monkeypatch, victim)
    for _ in range(WAVES):
        try:
            await racing.wave(here, heats)
        except WrongAnswers:
            return
        except DBAPIError as problem:
            if sqlstate(problem) not in TWO_AT_ONCE:
                raise
            return
    pytest.fail("a thousand races passed with a planted mistake")
