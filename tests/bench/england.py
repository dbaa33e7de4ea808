"""A register of the size of England's, all of it invented: authorities with a consortium, its officers and its schools."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import uuid4

from services.membership.domain.body import Body, Membership
from services.membership.domain.category import Outcome
from services.membership.domain.listing import Listing, Source
from services.membership.domain.office import Term
from services.membership.domain.school import Status
from services.membership.store.people import Person
from services.membership.use_cases.failed_days import turn_all_days
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.record_outcomes import Published, record_outcomes
from services.membership.use_cases.take_on import TakenOn, take_on
from shared.messaging.cause import new_id
from shared.store import Store, UnitOfWork

ENGLAND = 22_000  # open schools paid for by the state
AN_AUTHORITY = 146  # of them, as England's 151 authorities have on average
AT_ONCE = 500
BEGINS = date(2025, 9, 1)
REGION = "West Midlands"


class England:
    """The membership service's database with so many schools, and what happens to all of them at once."""

    def __init__(self, store: Store, schools: int = ENGLAND):
        self.store = store
        self.urns = [f"{300_000 + number}" for number in range(schools)]
        self.day = BEGINS
        self.category = 2
        self.changed = 0  # changes of category since the take-on

    def batches(self, schools: int | None = None) -> Iterator[list[str]]:
        """Of all schools, or of the first so many."""
        urns = self.urns[:schools]
        for start in range(0, len(urns), AT_ONCE):
            yield urns[start : start + AT_ONCE]

    def authority(self, urn: str) -> str:
        """From 100 on, passing by those for which departments are informed."""
        code = 100 + (int(urn) - 300_000) // AN_AUTHORITY
        return str(code if code < 801 else code + 140)

    @property
    def authorities(self) -> set[str]:
        return {self.authority(urn) for urn in self.urns}

    async def take_on(self) -> None:
        """Every school is listed, has a chair and the category 2: state, not news."""
        await self.set_day(BEGINS)
        for batch in self.batches():
            lines = [self._line(urn) for urn in batch]
            await self.store.run(lambda uow, lines=lines: keep_schools(uow, lines))  # type: ignore[misc]
        for code in sorted(self.authorities):
            given = self._given(code)
            await self.store.run(lambda uow, given=given: take_on(uow, given))  # type: ignore[misc]
        for batch in self.batches():
            await self._publish(batch, self.category, BEGINS - timedelta(days=400), take_on=True)

    async def next_day(self) -> None:
        await self.set_day(self.day + timedelta(days=1))
        await turn_all_days(self.store)

    async def set_day(self, day: date) -> None:
        self.day = day
        await self.store.run(
            lambda uow: uow.execute(
                "insert into clock (today) values ($1) on conflict (only_row) do update set today = excluded.today", day
            )
        )

    async def sweep(self, schools: int | None = None) -> None:
        """An outcome is published for each, or each of the first so many, by which it changes its category: 2, 4, 2 and so on.

        A sweep of a part is to be followed by the same one back.
        """
        self.category = 6 - self.category
        for batch in self.batches(schools):
            await self._publish(batch, self.category, self.day, take_on=False)
            self.changed += len(batch)

    async def _publish(self, urns: Sequence[str], headline: int, on: date, *, take_on: bool) -> None:
        async def work(uow: UnitOfWork) -> None:
            listed = [
                Published(
                    urn,
                    Outcome(urn, f"{urn}/{on}", "graded", on - timedelta(days=30), on, uow.now, headline=headline),
                )
                for urn in urns
            ]
            await record_outcomes(uow, listed, take_on=take_on, source="bench", by_file=True)

        await self.store.run(work)

    def _line(self, urn: str) -> Listing:
        """Two of five are academies of one trust an authority, as in England."""
        academy = int(urn) % 5 < 2
        code = self.authority(urn)
        return Listing(
            source=Source.GIAS,
            as_at=BEGINS,
            file="bench",
            urn=urn,
            authority=code,
            name=f"School {urn}",
            phase="Primary",
            type_code="34" if academy else "1",
            status=Status.OPEN,
            postcode_district=f"ZZ{code}",
            region=REGION,
            trust_id=f"7{code}" if academy else None,
            trust_name=f"Trust {code}" if academy else None,
        )

    def _given(self, code: str) -> TakenOn:
        body_id = new_id()
        people = {post: uuid4() for post in ("chair", "deputy")}
        return TakenOn(
            authority=code,
            authority_name=f"Authority {code}",
            region=REGION,
            routing_policy="warwickshire",
            districts=[(f"ZZ{code}", f"Area of {code}")],
            people=[Person(each, code, f"Invented {post}", f"{post}@{code}.example", None) for post, each in people.items()],
            bodies=[
                Body(
                    body_id, code, "primary-consortium", f"Consortium {code}", [f"Area of {code}"], BEGINS, None, None,
                    "04-01", new_id(), new_id(), new_id(),
                )
            ],
            terms=[
                Term(new_id(), new_id(), body_id, post, each, BEGINS - timedelta(days=365), None, "taken-on")
                for post, each in people.items()
            ],
            memberships=[
                Membership(body_id, urn, BEGINS, None, True) for urn in self.urns if self.authority(urn) == code
            ],
        )  # fmt: skip
