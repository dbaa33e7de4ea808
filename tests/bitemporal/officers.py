"""What officers decide besides, and what they put right: overrides, keep or lift, proposals, corrections, withdrawals."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.membership.domain.office import Correction
from services.membership.domain.place import PlaceCorrection
from services.membership.use_cases import correct_places, corrections, la_category, overrides, proposals
from shared.store import UnitOfWork
from tests.bitemporal import model
from tests.bitemporal.acts import Acts
from tests.bitemporal.calling import Calling
from tests.bitemporal.model import Ends, Fact
from tests.bitemporal.told import open_proposals

OFFICER = {"reason": "Why"}


class Officers(Acts, Calling):
    # -- overrides --

    def override(self, name: str, matter: str, person: str | None, start: int, lasts: int) -> None:
        world, when = self.world, self.on(start)
        until = when + timedelta(days=lasts)
        override = f"override {len(world.facts)}"
        world.act(
            f"{person or 'the desk'} speaks for {name} ({matter}) from day {world.date(when)} until {world.date(until)} "
            f"({override})",
            lambda uow: overrides.set_override(
                uow, world.urn(name), matter=matter, person_id=world.id(person) if person else None, from_date=when,
                until=until, set_by="officer", **OFFICER,
            ),
            lambda made: [
                model.Override(world.today, world.call(override, made.override_id), when, until, name, matter, person)
            ],
        )  # fmt: skip

    def end_override(self, which: int, on: int) -> None:
        world, when = self.world, self.on(on)
        known = world.knows().all(model.Override)
        if known:
            chosen = known[which % len(known)]
            world.act(
                f"{chosen.id} is ended on day {world.date(when)}",
                lambda uow: overrides.end_override(
                    uow, world.id(chosen.id), ended_on=when, ended_by="officer", **OFFICER
                ),
                lambda left: [Ends(world.today, chosen.id, when if left else chosen.start)],
            )

    # -- the authority's own categories --

    def withdraw_entry(self, which: int) -> None:
        world = self.world
        known = world.knows().all(model.Entry)
        if known:
            chosen = known[which % len(known)]
            world.act(
                f"{chosen.id} is withdrawn",
                lambda uow: la_category.withdraw_la_category(
                    uow, world.id(chosen.id), withdrawn_by="officer", **OFFICER
                ),
                lambda _: [Ends(world.today, chosen.id, chosen.start)],
                since_the_beginning=True,
            )

    def correct_lifting(self, which: int, on: int) -> None:
        """It was lifted on another day that has gone. Lifted it is all the same, so that nobody hears of the day itself but the
        school, from an officer."""
        world, when = self.world, self.on(on)
        known = world.knows().all(model.Entry)
        if not known:
            return
        chosen = known[which % len(known)]
        world.act(
            f"{chosen.id} was lifted on day {world.date(when)} instead",
            lambda uow: la_category.correct_lifting(
                uow, world.id(chosen.id), lifted_on=when, corrected_by="officer", **OFFICER
            ),
            lambda _: [Ends(world.today, chosen.id, when)],
            since_the_beginning=True,
            corrects=[chosen.id],
        )

    def keep_entry(self, which: int, review: int) -> None:
        """An officer was asked whether an entry shall stand, and lets it until a later day; else she is refused."""
        world, when = self.world, self.on(review)
        entries = world.knows().all(model.Entry)
        if entries:
            chosen = entries[which % len(entries)]
            if world.turned_to != world.today:  # whether she is asked by now depends on who is first
                world.settle()
            may_keep = world.expected.is_asked(chosen) and when > world.today
            kept = world.act(
                f"{chosen.id} is kept until day {world.date(when)}",
                lambda uow: la_category.keep_la_category(
                    uow, world.id(chosen.id), review_on=when, kept_by="officer", **OFFICER
                ),
                lambda _: [model.KeptUntil(world.today, chosen.id, when)],
            )
            assert bool(kept) == may_keep, world.tell([f"{chosen.id}: whether an officer may keep it: {may_keep}"])
            if kept:
                world.expected.of_entries.answer(chosen.id, world.expected.known.believed())

    def correct_review(self, which: int, review: int) -> None:
        """The day on which to ask was a slip. Whoever is asked already is refused: she answers with the right day."""
        world, when = self.world, self.on(review)
        known = world.knows()
        entries = known.all(model.Entry)
        if entries:
            chosen = entries[which % len(entries)]
            if world.turned_to != world.today:
                world.settle()
            stands = chosen.id not in known.ends and not world.expected.is_asked(chosen)
            may_correct = stands and when > max(world.today, chosen.start) and when != world.expected.review(chosen)
            corrected = world.act(
                f"{chosen.id} is to be asked about on day {world.date(when)} instead",
                lambda uow: la_category.correct_review(
                    uow, world.id(chosen.id), review_on=when, corrected_by="officer", **OFFICER
                ),
                lambda _: [model.KeptUntil(world.today, chosen.id, when)],
            )
            assert bool(corrected) == may_correct, world.tell(
                [f"{chosen.id}: whether another day can be right: {may_correct}"]
            )

    # -- proposals --

    def answer_proposal(self, which: int, confirm: bool, ahead: int) -> None:
        world, when = self.world, self.on(ahead)
        asked = world.run(lambda uow: open_proposals(uow, world.authority))
        if not asked:
            return
        proposal_id, urn, number, category = asked[which % len(asked)]
        name, inspection = world.names[urn], world.named(number) or ""
        proposal = f"proposal {len(world.facts)}"

        async def work(uow: UnitOfWork) -> Any:
            if confirm:
                return await proposals.confirm_proposal(uow, proposal_id, from_date=when, confirmed_by="officer")
            return await proposals.decline_proposal(uow, proposal_id, declined_by="officer", **OFFICER)

        world.act(
            f"that {inspection} gives {name} {category} is "
            + (f"confirmed from day {world.date(when)} ({proposal})" if confirm else "declined"),
            work,
            lambda _: [
                model.Answered(
                    world.today,
                    world.call(proposal, proposal_id),
                    name,
                    inspection,
                    category,
                    when if confirm else None,
                )
            ],
        )

    def answer(self, name: str, confirm: bool, ahead: int = 0) -> None:
        """What is proposed for that school, where anything is."""
        asked = self.world.run(lambda uow: open_proposals(uow, self.world.authority))
        for which, (_, urn, *_) in enumerate(asked):
            if self.world.names[urn] == name:
                self.answer_proposal(which, confirm, ahead)

    # -- what had been entered wrongly --

    def correct_office(self, which: int, person: str | None, start: int | None, lasts: int | None) -> None:
        self._correct(model.Term, which, person, start, lasts)

    def withdraw_office(self, which: int) -> None:
        self._correct(model.Term, which, withdrawn=True)

    def correct_allocation(self, which: int, person: str | None, start: int | None, lasts: int | None) -> None:
        self._correct(model.Allocation, which, person, start, lasts)

    def withdraw_allocation(self, which: int) -> None:
        self._correct(model.Allocation, which, withdrawn=True)

    def _correct(
        self,
        kind: type[model.Term] | type[model.Allocation],
        which: int,
        person: str | None = None,
        start: int | None = None,
        lasts: int | None = None,
        *,
        withdrawn: bool = False,
    ) -> None:
        """``lasts`` None: the end stays as it was; 0: there is none."""
        world = self.world
        known = self.there(kind)
        if not known:
            return
        old = known[which % len(known)]
        moves: dict[str, date | None] = {}  # what ends otherwise by that
        begins, until = self.really_was(old, start, lasts)
        right = self.correction(Correction, person, start, lasts, (begins, until))
        correct, withdraw = {
            model.Term: (corrections.correct_office, corrections.withdraw_office),
            model.Allocation: (corrections.correct_allocation, corrections.withdraw_allocation),
        }[kind]

        async def work(uow: UnitOfWork) -> Any:
            if withdrawn:
                return await withdraw(uow, world.id(old.id), withdrawn_by="officer", **OFFICER)
            return await correct(uow, world.id(old.id), right, corrected_by="officer", **OFFICER)

        held = (world.today, old.id, begins, until)

        def facts(_: Any) -> list[Fact]:
            if isinstance(old, model.Term):
                term = model.Term(*held, old.body, old.post, person or old.person)
                if lasts is not None and not withdrawn:
                    self.ends_as_was_said(old.id)
                others = self.go_on(old, None if withdrawn else term)
                moves.update((each.id, old.start) for each in others)
                return [Ends(world.today, old.id, old.start) if withdrawn else term, *others]
            if withdrawn:
                return [Ends(world.today, old.id, old.start)]
            return [model.Allocation(*held, old.urn, person or old.person)]

        world.act(
            f"{old.id} is withdrawn"
            if withdrawn
            else f"{old.id} was {person or old.person}, from day {world.date(begins)} until {world.date(until)}",
            work,
            facts,
            since_the_beginning=True,
            corrects=[old.id],
            moves=moves,
        )

    def correct_place(
        self, which: int, body: str | None, start: int | None, lasts: int | None, withdrawn: bool
    ) -> None:
        """m3 was in another body, or on other days, or never there. Of a place that another follows at once it is all one."""
        world = self.world
        known = [each for each in self.there(model.Member) if each.urn == "m3"]
        if not known:
            return
        parts = self._parts(known, known[which % len(known)])
        old = replace(parts[0], until=parts[-1].until)
        begins, until = self.really_was(old, start, lasts)
        right = self.correction(PlaceCorrection, body, start, lasts, (begins, until))

        async def work(uow: UnitOfWork) -> Any:
            body_id, urn, day = world.id(old.body), world.urn(old.urn), old.start
            if withdrawn:
                return await correct_places.withdraw_place(uow, body_id, urn, on=day, withdrawn_by="officer", **OFFICER)
            return await correct_places.correct_place(
                uow, body_id, urn, right, on=day, corrected_by="officer", **OFFICER
            )

        def facts(_: Any) -> list[Fact]:
            gone = [Ends(world.today, each.id, each.start) for each in parts]
            place = f"place {len(world.facts)}"
            new = model.Member(world.today, place, begins, until, body or old.body, old.urn)
            return gone if withdrawn else [*gone, new]

        world.act(
            f"{old.urn} never was in {old.body} from day {world.date(old.start)}"
            + ("" if withdrawn else f", but in {body or old.body} from {world.date(begins)} until {world.date(until)}"),
            work,
            facts,
            since_the_beginning=True,
        )

    def _parts(self, known: list[model.Member], place: model.Member) -> list[model.Member]:
        mine = [each for each in known if each.body == place.body]
        parts = [place]
        while before := next((each for each in mine if each.until == parts[0].start), None):
            parts.insert(0, before)
        while after := next((each for each in mine if each.start == parts[-1].until), None):
            parts.append(after)
        return parts
