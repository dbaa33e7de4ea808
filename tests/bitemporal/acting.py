"""Whoever acts in a small world, on its day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from tests.bitemporal.world import World

Corrects = TypeVar("Corrects")


class Acting:
    def __init__(self, world: World):
        self.world = world

    def clock(self, days: int) -> None:
        self.world.set_clock(self.world.today + timedelta(days=days))
        self.world.story.append(f"day {self.world.date(self.world.today)} comes")

    def on(self, days: int) -> date:
        return self.world.today + timedelta(days=days)

    def there(self, kind: type[Any]) -> list[Any]:
        """What was never taken back, each with its end."""
        known = self.world.knows()
        return [found for each in known.all(kind) if (found := known.thing(each.id)).until != found.start]

    def really_was(self, old: Any, start: int | None, lasts: int | None) -> tuple[date, date | None]:
        """Its days once it is put right. ``start`` None: the first day stays; ``lasts`` None: the end does; 0: it has none."""
        begins = old.start if start is None else self.on(start)
        return begins, old.until if lasts is None else begins + timedelta(days=lasts) if lasts else None

    def correction(
        self,
        kind: Callable[..., Corrects],
        another: str | None,
        start: int | None,
        lasts: int | None,
        days: tuple[date, date | None],
    ) -> Corrects:
        """What an officer enters of that: only what differs. ``another``: the person, or the body, that it really was."""
        begins, until = days
        return kind(
            self.world.id(another) if another else None,
            begins if start is not None else None,
            until if lasts else None,
            no_end=lasts == 0,
        )
