"""A head leaves and moves nowhere, or was entered wrongly: to the product, and as facts; and when chance does so."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.membership.domain.office import Correction
from services.membership.use_cases import end_headships
from shared.store import UnitOfWork
from tests.bitemporal.acting import Acting
from tests.bitemporal.model import Ends, Fact, Headship
from tests.bitemporal.telling_facts import OfHeads
from tests.bitemporal.world import PEOPLE


class Heads(Acting):
    def end_head(self, which: int, on: int) -> None:
        """Of the times in which she headed the school the last that has begun by then ends."""
        world, when = self.world, self.on(on)
        known = self.there(Headship)
        if not known:
            return
        chosen = known[which % len(known)]

        def facts(ended: Any) -> list[Fact]:
            hers = [each for each in known if (each.person, each.urn) == (chosen.person, chosen.urn)]
            return [Ends(world.today, next(each.id for each in hers if each.start == ended.from_date), when)]

        world.act(
            f"{chosen.person} heads {chosen.urn} no longer from day {world.date(when)}",
            lambda uow: end_headships.end_headship(uow, world.urn(chosen.urn), world.id(chosen.person), ended_on=when),
            facts,
            heads=OfHeads({chosen.person}, when),
        )

    def correct_head(
        self, which: int, person: str | None, start: int | None, lasts: int | None, withdrawn: bool
    ) -> None:
        """``lasts`` None: the end stays as it was; 0: there is none."""
        world = self.world
        known = self.there(Headship)
        if not known:
            return
        old = known[which % len(known)]
        begins, until = self.really_was(old, start, lasts)
        right = self.correction(Correction, person, start, lasts, (begins, until))

        async def work(uow: UnitOfWork) -> Any:
            which, day = (world.urn(old.urn), world.id(old.person)), old.start
            if withdrawn:
                return await end_headships.withdraw_headship(uow, *which, on=day, reason="Why", withdrawn_by="officer")
            return await end_headships.correct_headship(
                uow, *which, right, on=day, reason="Why", corrected_by="officer"
            )

        def facts(_: Any) -> list[Fact]:
            """Another person, or another first day, is another headship to whoever hears of it."""
            gone = Ends(world.today, old.id, old.start)
            if withdrawn:
                return [gone]
            if person in (None, old.person) and begins == old.start:
                world.expected.begins_again(old)
                return [replace(old, known=world.today, until=until)]
            number = f"headship {len(world.facts)}"
            return [
                gone,
                Headship(world.today, number, begins, until, old.urn, person or old.person, moved=False),
            ]

        world.act(
            f"{old.person} never headed {old.urn} from day {world.date(old.start)}"
            + (
                "" if withdrawn else f", but {person or old.person} from {world.date(begins)} until {world.date(until)}"
            ),
            work,
            facts,
            since_the_beginning=True,
            heads=OfHeads({old.person, person or old.person}, old.start if withdrawn else min(old.start, begins)),
        )


near = st.integers(-6, 5)


class HeadRules:
    """For the machine."""

    acts: Any

    def check(self) -> None: ...

    @rule(which=st.integers(0, 30), on=near)
    def head_leaves(self, which: int, on: int) -> None:
        self.acts.end_head(which, on)
        self.check()

    @rule(
        which=st.integers(0, 30),
        person=st.none() | st.sampled_from(PEOPLE),
        start=st.none() | near,
        lasts=st.none() | st.integers(0, 6),
        withdrawn=st.booleans(),
    )
    def head_corrected(
        self, which: int, person: str | None, start: int | None, lasts: int | None, withdrawn: bool
    ) -> None:
        self.acts.correct_head(which, person, start, lasts, withdrawn)
        self.check()
