"""What the register's files say of schools and of links between them: to the product, and as facts."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from services.membership.domain.links import Link
from services.membership.domain.school import Status
from services.membership.use_cases.keep_links import keep_links
from services.membership.use_cases.keep_register import keep_schools
from tests.bitemporal import model
from tests.bitemporal.acting import Acting
from tests.bitemporal.world import BEGIN, MAY_CLOSE, OPENS

Line = tuple[
    str, str, str, int | None
]  # at which school, what, about which, and so many days from today, if it gives a day


class Registers(Acting):
    # -- editions of the register --

    def close(self, on: int, name: str = "p1", ago: int = 0) -> None:
        """An edition of today, or of an earlier day, has it as closed from a day on."""
        self._lists(name, Status.CLOSED, ago, closed_on=self.on(on))

    def close_without_a_date(self, name: str, ago: int = 0) -> None:
        self._lists(name, Status.CLOSED, ago)

    def plan_closing(self, name: str, on: int) -> None:
        """It is open, but proposed to close."""
        self._lists(name, Status.OPEN, 0, closed_on=self.on(on), closing=True)

    def open_again(self, name: str = "p1", ago: int = 0, since: int | None = None) -> None:
        """``since``: it opened again so many days after it had closed, by this edition of today."""
        gone = self._school(name).closed
        if since is None or gone is None or ago or gone + timedelta(days=since) > self.world.today:
            self._lists(name, Status.OPEN, ago)
        else:
            self._lists(name, Status.OPEN, ago, opened_on=gone + timedelta(days=since))

    def is_to_open(self, name: str, on: int, until: int | None = None) -> None:
        """It is closed, and opens again from then on, by an edition of today; ``until``: to close again."""
        closes: dict[str, Any] = {} if until is None else {"closed_on": self.on(until), "closing": True}
        self._lists(name, Status.OPEN, 0, opened_on=self.on(on), **closes)

    def turn_type(self, name: str, code: str, ago: int) -> None:
        """Another type of establishment."""
        status, as_it_is = self._as_it_is(name)
        self._lists(name, status, ago, **(as_it_is | {"type_code": code}))

    def _lists(self, name: str, status: Status, ago: int, **said: Any) -> None:
        """An edition that has a school has those that it may continue, too."""
        world = self.world
        as_at = max(self.on(-ago), BEGIN)
        told = {"type_code": self._school(name).type, **said}
        lines = [self._listing(name, status, as_at, told)]
        facts = [self._fact(name, status, as_at, told)]
        for other in (each for each in MAY_CLOSE if name in OPENS and each != name):
            its_status, as_it_is = self._as_it_is(other)
            lines.append(self._listing(other, its_status, as_at, as_it_is))
            facts.append(self._fact(other, its_status, as_at, as_it_is))
        days = {what: world.date(each) if isinstance(each, date) else each for what, each in told.items()}
        world.act(
            f"the edition of day {world.date(as_at)} has {name} as {status}, {days}",
            lambda uow: keep_schools(uow, lines),
            lambda _: facts,
            since_the_beginning=True,
        )

    def _listing(self, name: str, status: Status, as_at: date, told: dict[str, Any]) -> Any:
        return self.world.listing(name, status, as_at, **told)

    def _fact(self, name: str, status: Status, as_at: date, told: dict[str, Any]) -> model.School:
        return model.School(
            self.world.today, name, "W", told["type_code"], OPENS.get(name), told.get("closed_on"), status.value, as_at,
            told.get("opened_on"),
        )  # fmt: skip

    def _as_it_is(self, name: str) -> tuple[Status, dict[str, Any]]:
        school = self._school(name)
        status = Status.CLOSED if school.closed is not None else Status(school.status)
        return status, {"type_code": school.type, "closed_on": school.closed}

    def _school(self, name: str) -> model.School:
        school = self.world.knows().school(name)
        assert school is not None
        return school

    # -- links --

    def link(self, merged: bool, edition: int) -> None:
        """A file of links has c1 as what became of p1, or as what took p1 in."""
        self.links([("c1", "Predecessor - merged" if merged else "Predecessor", "p1", None)], edition)

    def links(self, lines: Sequence[Line], edition: int) -> None:
        world, as_at = self.world, self.on(-edition)
        days = [None if stated is None else self.on(stated) for *_, stated in lines]
        said = [
            Link(world.urn(at), world.urn(about), kind, day, "links", as_at)
            for (at, kind, about, _), day in zip(lines, days, strict=True)
        ]
        words = "; ".join(
            f"{at}: {kind} {about} ({world.date(day)})" for (at, kind, about, _), day in zip(lines, days, strict=True)
        )
        world.act(
            f"links of day {world.date(as_at)}: {words}",
            lambda uow: keep_links(uow, said),
            lambda _: [
                model.Link(world.today, at, about, kind, as_at, day)
                for (at, kind, about, _), day in zip(lines, days, strict=True)
            ],
            since_the_beginning=True,
        )
