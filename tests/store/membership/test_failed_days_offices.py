"""An office and what follows of it for its schools are one change, also where a day is done item by item (D3.10)."""

from collections.abc import Callable
from typing import Any

import pytest

from services.membership.store import due
from services.membership.store.due import Due
from services.membership.use_cases import reroute
from services.membership.use_cases.failed_days import turn
from shared.store import Store
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import Authority
from tests.store.membership.test_failed_days import (
    BROKEN,
    DAY,
    Plant,
    _newcomer,
    _school,
    _ticked,
    _today,
    broken,
)

__all__ = ["broken"]

REASSIGNED = "representation.reassigned"


class Dies(BaseException):
    pass


async def _stories(abbey: Authority) -> dict[str, bool]:
    """Of each school of which it was told that another speaks: whether that is in the story of the new chair."""
    (chair,) = await abbey.said("office.taken-up")
    return {each.data["urn"]: each.correlation_id == chair.correlation_id for each in await abbey.said(REASSIGNED)}


async def test_cut_off_after_an_office_was_told_its_schools_have_its_story(
    abbey: Authority, monkeypatch: pytest.MonkeyPatch, broken: Plant
) -> None:
    """D3.10, W-05: whatever is cut off between, who speaks now is the new chair's story and no new reading of the register."""
    await _newcomer(abbey)
    await abbey.do(lambda uow: due.put_off(uow, [Due("head-moves", "nobody", DAY)]))
    await abbey.forget_said()
    await _today(abbey, DAY)
    real = Store.run

    async def dies_once_it_is_told(store: Store, work: object, **also: object) -> object:
        found = await real(store, work, **also)  # type: ignore[arg-type]
        if await abbey.said("office.taken-up"):
            raise Dies
        return found

    with monkeypatch.context() as dying:
        dying.setattr(abbey.store, "run", dies_once_it_is_told.__get__(abbey.store))
        with pytest.raises(Dies):
            await turn(abbey.store)
    while await turn(abbey.store):
        pass
    stories = await _stories(abbey)
    assert len(stories) > 1
    assert set(stories.values()) == {True}


def _proposing(uow: Any, looked: Any) -> bool:
    return any(_school(each.facts) for each in looked)


@pytest.mark.parametrize(("name", "meets"), [("standing", _school), ("propose", _proposing)])
async def test_a_school_that_cannot_be_looked_at_keeps_neither_the_office_nor_its_other_schools_back(
    ask: Ask, abbey: Authority, broken: Plant, name: str, meets: Callable[..., bool]
) -> None:
    """W-05, R0.3: whether it fails before anything of it is recorded or after all is, nothing of it is told."""
    await _newcomer(abbey)
    await abbey.forget_said()
    broken(reroute, name, meets)
    await _ticked(ask, abbey, DAY)
    stories = await _stories(abbey)
    assert BROKEN not in stories
    assert len(stories) > 1
    assert set(stories.values()) == {True}
    (failed,) = (await ask("/due", OFFICER)).json()
    assert (failed["kind"], failed["concerns"]) == ("school-day", [BROKEN])
    broken()
    await ask(f"/due/{failed['failure_id']}/retry", OFFICER, {})
    await _ticked(ask, abbey, DAY)
    assert BROKEN in await _stories(abbey)
