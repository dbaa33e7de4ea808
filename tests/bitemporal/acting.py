"""Whoever acts in a small world, on its day."""

from datetime import date, timedelta

from tests.bitemporal.world import World


class Acting:
    def __init__(self, world: World):
        self.world = world

    def clock(self, days: int) -> None:
        self.world.set_clock(self.world.today + timedelta(days=days))
        self.world.story.append(f"day {self.world.date(self.world.today)} comes")

    def on(self, days: int) -> date:
        return self.world.today + timedelta(days=days)
