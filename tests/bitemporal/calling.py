"""Inspection calls: who tells of one, who answers and who closes it. To the product, and to the model that follows it."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.membership.use_cases import inspection_calls
from shared.store import UnitOfWork
from tests.bitemporal.acting import Acting
from tests.bitemporal.telling_calls import Call


class Calling(Acting):
    def call(self, name: str) -> int:
        """The school, or an officer for it, says that the inspectors have called. Which of the calls it has now."""
        world = self.world
        world.expected.days(world.today)
        right = world.expected.has_the_call(name)
        made = world.act(
            f"the inspectors have called at {name}",
            lambda uow: inspection_calls.start(uow, world.urn(name), started_by="officer"),
            lambda _: [],
            comes=("call", name),
        )
        assert bool(made) == bool(right), world.tell([f"{name} may have a call: {bool(right)}"])
        if made is not None and right is not None:
            if str(made.call.call_id) not in world.names:
                world.call(right.name, made.call.call_id)
            assert world.named(made.call.call_id) == right.name, world.tell([f"{name} has {right.name} already"])
        return world.expected.calls.index(right) if right else -1

    def accept(self, which: int, person: str | None) -> None:
        self._answer(
            which, person, "accepts", inspection_calls.accept, lambda call: self.world.expected.accepts(call, person)
        )

    def cannot(self, which: int, person: str | None) -> None:
        self._answer(
            which, person, "cannot", inspection_calls.cannot, lambda call: self.world.expected.cannot(call, person)
        )

    def close_call(self, which: int) -> None:
        world = self.world
        self._decides(
            which,
            "is closed by an officer",
            lambda uow, call: inspection_calls.close(uow, world.id(call.name), reason="Why", by="officer"),
            lambda call: world.expected.closes(call, "officer"),
        )

    def watch_looks(self) -> None:
        """The timer comes before the day's turn: what the turn would tell counts for it already."""
        world = self.world
        world.expected.days(world.today)
        world.pass_on_calls()
        world.story.append(f"day {world.date(world.today)}: the timer looks at the calls")

    def _answer(
        self,
        which: int,
        person: str | None,
        says: str,
        answers: Callable[..., Awaitable[Any]],
        right: Callable[[Call], bool],
    ) -> None:
        person_id = self.world.id(person) if person else None
        self._decides(
            which,
            f"{person or 'whoever is asked'} {says}",
            lambda uow, call: answers(uow, self.world.id(call.name), person_id=person_id, by="officer"),
            right,
        )

    def _decides(
        self,
        which: int,
        what: str,
        work: Callable[[UnitOfWork, Call], Awaitable[Any]],
        right: Callable[[Call], bool],
    ) -> None:
        world = self.world
        known = world.expected.calls
        if known:
            call = known[which % len(known)]
            world.expected.days(world.today)
            may = right(call)
            done = world.act(
                f"{call.name} of {call.urn}: {what}",
                lambda uow: work(uow, call),
                lambda _: [],
                comes=("answer", call.urn),
            )
            assert bool(done) == may, world.tell([f"{call.name}: {what}: that may be: {may}"])
