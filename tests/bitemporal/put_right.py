"""Policies that were adopted by mistake, corrected or withdrawn: to the product, and as facts; and when chance does so."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.membership.use_cases import policies
from shared.store import UnitOfWork
from tests.bitemporal import model
from tests.bitemporal.acting import Acting
from tests.bitemporal.model import Fact

NAMES = {"routing": ["warwickshire", "bristol", "duty-desk-only"], "category": ["ofsted", "la", "propose"]}


class PutRight(Acting):
    def put_policy_right(self, kind: str, which: int, name: int | None, start: int | None, withdrawn: bool) -> None:
        """One of all versions that were ever adopted, also one that counts no more, was another one or never adopted."""
        world = self.world
        versions = sorted(version for of, version in world.versions if of == kind)
        version = versions[which % len(versions)]
        index, begins = world.versions[kind, version], None if start is None else self.on(start)
        other = None if name is None else NAMES[kind][name]

        async def work(uow: UnitOfWork) -> Any:
            if withdrawn:
                return await policies.withdraw_policy(
                    uow, world.authority, kind, version, reason="Why", withdrawn_by="officer"
                )
            return await policies.correct_policy(
                uow, world.authority, kind, version, name=other, from_date=begins, reason="Why", corrected_by="officer"
            )

        def facts(made: Any) -> list[Fact]:
            wrong = world.knows().adopted("W", kind)[index]
            assert wrong is not None
            right = replace(wrong, known=world.today, name=other or wrong.name, start=begins or wrong.start)
            if not withdrawn:
                world.versions[kind, made.version] = index
            return [model.PolicyPutRight(world.today, "W", kind, index, None if withdrawn else right)]

        world.act(
            f"version {version} of the {kind} policy "
            + ("is withdrawn" if withdrawn else f"was {other or 'the same'} from day {world.date(begins)}"),
            work,
            facts,
            since_the_beginning=True,
        )


class PutRightRules:
    """For the machine."""

    acts: Any

    def check(self) -> None: ...

    @rule(
        kind=st.sampled_from(["routing", "category", "category"]),
        which=st.integers(0, 12),
        name=st.none() | st.integers(0, 2),
        start=st.none() | st.integers(-6, 4),
        withdrawn=st.booleans(),
    )
    def policy_put_right(self, kind: str, which: int, name: int | None, start: int | None, withdrawn: bool) -> None:
        self.acts.put_policy_right(kind, which, name, start, withdrawn)
        self.check()
