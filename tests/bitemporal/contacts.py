"""Whom a trust names: who leaves, and who was entered wrongly. To the product, and as facts; and when chance does so."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.membership.domain.office import Correction
from services.membership.use_cases import trust_contacts
from shared.store import UnitOfWork
from tests.bitemporal.acting import Acting
from tests.bitemporal.model import Contact, Ends
from tests.bitemporal.world import PEOPLE


class Contacts(Acting):
    def end_contact(self, trust: str, post: str, on: int) -> None:
        """Of those who hold a post one after the other the last that has begun by then leaves."""
        world, when = self.world, self.on(on)

        def who(ended: Any) -> str:
            begun = [each for each in self.there(Contact) if (each.trust, each.post) == (trust, post)]
            return next(each.id for each in begun if each.start == ended.from_date)

        world.act(
            f"{post} of {trust} leaves on day {world.date(when)}",
            lambda uow: trust_contacts.end_trust_contact(uow, world.trust(trust), post, ended_on=when),
            lambda ended: [Ends(world.today, who(ended), when)],
        )

    def correct_contact(
        self, which: int, person: str | None, start: int | None, lasts: int | None, withdrawn: bool
    ) -> None:
        """``lasts`` None: the end stays as it was; 0: there is none."""
        world = self.world
        known = self.there(Contact)
        if not known:
            return
        old = known[which % len(known)]
        begins, until = self.really_was(old, start, lasts)
        right = self.correction(Correction, person, start, lasts, (begins, until))

        async def work(uow: UnitOfWork) -> Any:
            which = (world.trust(old.trust), old.post)
            if withdrawn:
                return await trust_contacts.withdraw_trust_contact(
                    uow, *which, on=old.start, reason="Why", withdrawn_by="officer"
                )
            return await trust_contacts.correct_trust_contact(
                uow, *which, right, on=old.start, reason="Why", corrected_by="officer"
            )

        world.act(
            f"{old.id} is withdrawn"
            if withdrawn
            else f"{old.id} was {person or old.person}, from day {world.date(begins)} until {world.date(until)}",
            work,
            lambda _: [
                Ends(world.today, old.id, old.start)
                if withdrawn
                else Contact(world.today, old.id, begins, until, old.trust, old.post, person or old.person)
            ],
            since_the_beginning=True,
        )


posts = st.sampled_from([("T", "chief-executive"), ("T", "school-improvement-partner"), ("U", "chief-executive")])
near = st.integers(-6, 5)


class ContactRules:
    """For the machine."""

    acts: Any

    def check(self) -> None: ...

    @rule(post=posts, on=near)
    def trust_contact_leaves(self, post: tuple[str, str], on: int) -> None:
        self.acts.end_contact(*post, on)
        self.check()

    @rule(
        which=st.integers(0, 30),
        person=st.none() | st.sampled_from(PEOPLE),
        start=st.none() | near,
        lasts=st.none() | st.integers(0, 6),
        withdrawn=st.booleans(),
    )
    def trust_contact_corrected(
        self, which: int, person: str | None, start: int | None, lasts: int | None, withdrawn: bool
    ) -> None:
        self.acts.correct_contact(which, person, start, lasts, withdrawn)
        self.check()
