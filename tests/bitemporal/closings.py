"""A body closes, on another day after all, or not at all: to the product, and as facts; and when chance does so."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.membership.use_cases import close_body as closing
from shared.store import UnitOfWork
from tests.bitemporal import model
from tests.bitemporal.acting import Acting


class Closings(Acting):
    def close_body(self, body: str, ahead: int) -> None:
        world, when = self.world, self.on(ahead)
        world.act(
            f"{body} closes on day {world.date(when)}",
            lambda uow: closing.close_body(uow, world.id(body), closed_on=when, reason="Why"),
            lambda made: [model.BodyCloses(world.today, body, when)] if made.changed else [],
        )

    def put_closing_right(self, body: str, on: int | None) -> None:
        """None: it doesn't close. Of each term that ends otherwise by that it is told."""
        world, when = self.world, None if on is None else self.on(on)
        known = world.knows()
        terms = [each for each in known.all(model.Term) if each.body == body]
        corrects = [each.id for each in terms if known.until(each) != known.until(each, closes=when)]

        async def work(uow: UnitOfWork) -> Any:
            if when is None:
                return await closing.withdraw_closing(uow, world.id(body), reason="Why", withdrawn_by="officer")
            return await closing.correct_closing(
                uow, world.id(body), closed_on=when, reason="Why", corrected_by="officer"
            )

        world.act(
            f"{body} closes on day {world.date(when)} instead" if when else f"{body} doesn't close",
            work,
            lambda _: [model.BodyCloses(world.today, body, when)],
            since_the_beginning=True,
            corrects=corrects,
        )


class ClosingRules:
    """For the machine. B has fewer schools: A closes seldom, or everything else would be refused."""

    acts: Any

    def check(self) -> None: ...

    @rule(body=st.sampled_from(["B", "B", "B", "A"]), ahead=st.integers(0, 4))
    def body_closes(self, body: str, ahead: int) -> None:
        self.acts.close_body(body, ahead)
        self.check()

    @rule(body=st.sampled_from(["B", "A"]), on=st.none() | st.integers(-4, 5))
    def closing_put_right(self, body: str, on: int | None) -> None:
        self.acts.put_closing_right(body, on)
        self.check()
