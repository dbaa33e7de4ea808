"""What Ofsted publishes, what officers enter of it by hand, and what files list: to the product, and as facts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.membership.domain.category import Outcome as ProductOutcome
from services.membership.domain.report_card import ReportCard
from services.membership.use_cases import record_outcomes
from services.membership.use_cases.record_outcomes import Published
from services.membership.use_cases.withdraw_outcome import believe_outcome, withdraw_outcome
from shared.store import UnitOfWork
from tests.bitemporal import model
from tests.bitemporal.acting import Acting
from tests.bitemporal.model import Fact, Outcome
from tests.bitemporal.ofsted_files import Line, line_of
from tests.bitemporal.world import World


class Ofsted(Acting):
    def __init__(self, world: World):
        super().__init__(world)
        self.numbers = 0
        self.lines = 0  # of files, turn about of the one layout and of the other
        self.linked = False

    def publish(self, name: str, published: int, inspected: int, grades: dict[str, Any], kind: str) -> None:
        self.numbers += 1
        when = self.on(-published)
        self._record(
            [
                Outcome(
                    self.world.today,
                    name,
                    f"N{self.numbers}",
                    when - timedelta(days=inspected),
                    when,
                    kind=kind,
                    **grades,
                )
            ],
            0,
        )

    def correct(self, which: int, name: str | None, published: int, grades: dict[str, Any], source: int) -> None:
        known = self._outcomes()
        if known:
            old = known[which % len(known)]
            when = self.on(-published)
            new = Outcome(
                self.world.today, name or old.urn, old.number, min(old.started, when), when, kind=old.kind, **grades
            )
            self._record([new], source, by_file=source > 0)

    def publish_under_another_number(self, which: int, grades: dict[str, Any]) -> None:
        """The same inspection once more, as if the number of the one that is known had been mistyped."""
        known = self._outcomes()
        if known:
            self.numbers += 1
            old = known[which % len(known)]
            began, when = old.started, old.published
            again = Outcome(self.world.today, old.urn, f"N{self.numbers}", began, when, kind=old.kind, **grades)
            self._record([again], 0)

    def withdraw(self, which: int) -> None:
        known = self._outcomes()
        if not known:
            return
        old = known[which % len(known)]
        today = self.world.today
        taken_back = replace(old, known=today, withdrawn=True, by_file=False)
        self.world.act(
            f"withdraw {old.number}",
            lambda uow: withdraw_outcome(uow, self._number(old), old.kind, reason="Why", withdrawn_by="officer"),
            lambda _: [taken_back],
            of_outcomes=True,
        )

    def believe(self, which: int) -> None:
        """An officer believes the file after all; where nothing was withdrawn she is refused."""
        known = self._outcomes()
        if known:
            old = known[which % len(known)]
            self.world.act(
                f"believe the file on {old.number}",
                lambda uow: believe_outcome(uow, self._number(old), old.kind, reason="Why", believed_by="officer"),
                lambda _: [replace(old, known=self.world.today, withdrawn=False, by_file=False)],
                of_outcomes=True,
            )

    def list_again(self, which: Sequence[int], source: int) -> None:
        """A file has some of the known outcomes, as they are believed or were believed first, some of them twice."""
        every = self.world.knows().all(Outcome)
        picked: dict[tuple[str, str], Outcome] = {}
        for each in which:
            if every:
                chosen = every[each % len(every)]
                picked.setdefault(chosen.inspection, replace(chosen, known=self.world.today, withdrawn=False))
        if picked:
            self._record([*picked.values(), next(iter(picked.values()))], source, by_file=True)

    def place_of_latest(self) -> int:
        return [each.number for each in self._outcomes()].index(f"N{self.numbers}")

    def _outcomes(self) -> list[Outcome]:
        return sorted(self.world.knows().believed().values(), key=lambda each: (each.number, each.kind))

    def _record(self, sent: Sequence[Outcome], source: int, *, by_file: bool = False) -> None:
        as_at = self.on(-source)
        sent = [replace(each, source=as_at, by_file=by_file) for each in sent]

        async def work(uow: UnitOfWork) -> None:
            listed = [
                Published(self.world.urn("c1" if each.urn == "p1" else each.urn), self._product(each, uow))
                for each in sent
            ]
            await record_outcomes.record_outcomes(
                uow, listed, take_on=False, source="a file" if by_file else "by hand", as_at=as_at, by_file=by_file
            )

        def facts(_: Any) -> list[Fact]:
            found: list[Fact] = []
            if not self.linked and any(each.urn == "p1" for each in sent):
                self.linked = True
                found.append(model.Continues(self.world.today, "c1", "p1"))
            once = {each.inspection: each for each in sent}.values()
            in_order = sorted(once, key=lambda each: (each.published, each.started, each.number))
            return found + list(in_order)

        words = "; ".join(self._words(each) for each in sent)
        self.world.act(
            f"{'file' if by_file else 'outcome'} of day {self.world.date(as_at)}: {words}",
            work,
            facts,
            of_outcomes=True,
        )

    def _words(self, each: Outcome) -> str:
        said = {what: getattr(each, what) for what in ("headline", "concern", "quality", "leadership", "safe")}
        told = {what: value for what, value in said.items() if value is not None} | dict(each.card)
        return f"{each.number} of {each.urn}, {each.kind}, published on day {self.world.date(each.published)}, {told}"

    def _product(self, each: Outcome, uow: UnitOfWork) -> ProductOutcome:
        """Of a file as it is read from its line."""
        line = None
        if each.by_file:
            self.lines += 1
            line = line_of(each, self.world.urn(each.urn), self._number(each), of_2026=self.lines % 2 == 0)
        return self._entered(each, uow) if line is None else _read(line, uow)

    def _entered(self, each: Outcome, uow: UnitOfWork) -> ProductOutcome:
        return ProductOutcome(
            self.world.urn(each.urn),
            self._number(each),
            each.kind,
            each.started,
            each.published,
            uow.now,
            headline=each.headline,
            category_of_concern=each.concern,
            quality_of_education=each.quality,
            leadership=each.leadership,
            safeguarding_effective=each.safe,
            report_card=ReportCard.of(dict(each.card)),
        )

    def _number(self, each: Outcome) -> str:
        """Inspections have numbers of their own in the whole country, so in every world."""
        number = f"{each.number}w{self.world.number}"
        self.world.names[number] = each.number
        return number


def _read(line: Line, uow: UnitOfWork) -> ProductOutcome:
    return ProductOutcome(
        line["urn"],
        line["inspection_number"],
        line["kind"],
        date.fromisoformat(line["inspection_started_on"]),
        date.fromisoformat(line["published_on"]),
        uow.now,
        headline=line.get("headline"),
        category_of_concern=line["category_of_concern"],
        quality_of_education=line.get("quality_of_education"),
        leadership=line.get("leadership"),
        safeguarding_effective=line["safeguarding_effective"],
        report_card=ReportCard.of(line.get("report_card") or {}),
    )
