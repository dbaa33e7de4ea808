"""What all editions of the register say of schools together, and which school continues which (docs/continuity.md)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from tests.bitemporal.facts import Continues, Fact, Link, School
from tests.bitemporal.reading import Reading, once

A_DAY = timedelta(days=1)
A_MONTH = timedelta(days=31)


class Succession(NamedTuple):
    """A school, the day from which it continues others, and these. ``new_start``: of several schools one, or of one several."""

    urn: str
    on: date
    before: tuple[str, ...]
    new_start: bool

    @property
    def carries_on(self) -> bool:
        return len(self.before) == 1 and not self.new_start


class Register(Reading):
    def __init__(self, facts: Iterable[Fact], known: date = date.max):
        super().__init__(facts, known)
        self._continuing: list[Continues] | None = None
        self._by_link: set[tuple[str, str]] = set()

    # -- one school --

    @once
    def open(self, urn: str, on: date) -> bool:
        """From its opening day until it closes; where the register lacks that date, its status says what it lacks."""
        school = self.school(urn)
        if school is None:
            return False
        opens = school.opened or (date.max if school.status == "proposed" else date.min)
        closes = school.closed or (date.min if school.status == "closed" else date.max)
        return opens <= on < closes and not self._was_closed(urn, on)

    @once
    def school(self, urn: str) -> School | None:
        listed = self._listed(urn, self.editions(urn))
        return listed and replace(listed, closed=listed.closed or self._closed_without_a_date(urn))

    @once
    def editions(self, urn: str) -> list[School]:
        """The earliest first; of one day that which was sent last. One sent again without its type says nothing of that."""
        sent: dict[date, School] = {}
        for each in [each for each in self.all(School) if each.urn == urn]:
            before = sent.get(each.edition, each)
            sent[each.edition] = replace(each, type=each.type or before.type)
        return [sent[day] for day in sorted(sent)]

    def _listed(self, urn: str, editions: list[School]) -> School | None:
        """As the latest edition has it, and of its type as the latest that gives one. One that has it closed without a date
        lets the day stand that had come already."""
        if not editions:
            return None
        closed: date | None = None
        for each in editions:
            came = closed if closed is not None and closed <= each.edition else None
            closed = each.closed or came if each.status == "closed" else each.closed
        given = next((each.type for each in reversed(editions) if each.type), "")
        return replace(editions[-1], closed=closed, type=given)

    def _closed_without_a_date(self, urn: str) -> date | None:
        """On the day on which another took its place since it was last listed as open, else with the first edition that has
        it closed."""
        editions = self.editions(urn)
        was_open = [place for place, each in enumerate(editions) if each.status == "open"]
        if editions[-1].status != "closed" or not was_open:
            return None
        last, first = editions[was_open[-1]].edition, editions[was_open[-1] + 1].edition
        opened = [self._opened(each.urn) for each in self.continuing() if each.predecessor == urn]
        return min((day for day in opened if day is not None and last < day <= first), default=first)

    def opens_again(self, urn: str, on: date) -> date | None:
        """On which later day, where it is closed on this one."""
        days = [again for gone, again in self._closures(urn) if gone <= on < again]
        return next((day for day in days if self.open(urn, day)), None)

    def _was_closed(self, urn: str, on: date) -> bool:
        return any(gone <= on < again for gone, again in self._closures(urn))

    @once
    def _closures(self, urn: str) -> list[tuple[date, date]]:
        """From the day on which it closed until the day on which it opened again by the edition that says so, else until that
        edition; until another day, where a later edition says so."""
        editions = self.editions(urn)
        found: list[tuple[date, date]] = []
        gone: date | None = None
        for day in [each.edition for each in editions]:
            said = self._listed(urn, [each for each in editions if each.edition <= day])
            assert said is not None
            closed = said.closed or ((gone or day) if said.status == "closed" else None)
            is_open = closed is None or closed > day
            if gone is not None and gone <= day and is_open:
                found.append((gone, said.again if said.again is not None and said.again >= gone else day))
            elif found and is_open and said.again is not None and said.again >= found[-1][0]:
                found[-1] = (found[-1][0], said.again)
            gone = closed
        return found

    @once
    def _opened(self, urn: str) -> date | None:
        return next((each.opened for each in reversed(self.editions(urn)) if each.opened), None)

    # -- which continues which --

    def continuing(self) -> list[Continues]:
        """By all links of two schools; by what Ofsted lists where no link says which of them came first."""
        if self._continuing is None:
            found: dict[tuple[str, str], Continues] = {}
            for pair in sorted({(min(each.at, each.about), max(each.at, each.about)) for each in self.all(Link)}):
                relation = self._by_links(set(pair))
                if relation is not None:
                    found[relation.urn, relation.predecessor] = relation
            self._by_link = set(found)
            for each in self.all(Continues):
                if (each.urn, each.predecessor) not in self._by_link:
                    found[each.urn, each.predecessor] = each  # what was said last
            self._continuing = sorted(found.values(), key=lambda each: (each.urn, each.predecessor))
        return self._continuing

    def _by_links(self, pair: set[str]) -> Continues | None:
        """The later file counts; of one file a link that says which came first, then what stands at the one that follows."""
        said = {}
        for each in sorted(self.all(Link), key=lambda each: each.edition):
            if {each.at, each.about} == pair:
                said[each.at, each.kind] = each
        last = {at: max(each.edition for each in said.values() if each.at == at) for at, _ in said}
        links = [each for each in said.values() if each.edition == last[each.at] and self._follower(each) is not None]
        if not links:
            return None
        decides = max(
            links,
            key=lambda each: (
                each.edition,
                not _says_one_of_them(each),
                each.kind.startswith("Predecessor"),
                self._follower(each) or "",
            ),
        )
        follower = self._follower(decides)
        agreeing = [each for each in links if self._follower(each) == follower]
        stated = max(
            ((each.at == follower, each.stated) for each in agreeing if each.stated is not None), default=(False, None)
        )
        (before,) = pair - {follower}
        merged = any(each.kind not in ("Predecessor", "Successor") for each in agreeing)
        return Continues(max(each.known for each in links), str(follower), before, merged, stated[1])

    def _follower(self, link: Link) -> str | None:
        if link.kind.startswith("Predecessor"):
            return link.at
        if link.kind.startswith("Successor"):
            return link.about
        if not _says_one_of_them(link):
            return None
        lasting = {urn: self._lasts(urn) for urn in (link.at, link.about)}
        return (
            None
            if all(is_open for is_open, _ in lasting.values())
            else max(lasting, key=lambda urn: (lasting[urn], urn))
        )

    @once
    def _lasts(self, urn: str) -> tuple[bool, date]:
        """Whether it is not closed, nor to close; else until when."""
        school = self._listed(urn, self.editions(urn))
        if school is None or (school.status != "closed" and school.closed is None):
            return True, date.max
        return False, school.closed or date.min

    def takes_over(self, each: Continues) -> date | None:
        """From which day the one stands for the other, where the register has that one and knows any day."""
        if self.school(each.urn) is None:
            return None
        opened = self._opened(each.urn)
        return each.stated if opened is None or self.took_in(each) else opened

    def took_in(self, each: Continues) -> bool:
        """Whether it had been there for more than a month, by the day that the links give."""
        opened = self._opened(each.urn)
        return opened is not None and each.stated is not None and each.stated - opened > A_MONTH

    def successions(self) -> list[Succession]:
        """Who continues whom from which day: its opening day, or later where it took another in."""
        dated: dict[tuple[date, str], list[Continues]] = {}
        for each in self.continuing():
            school = self.school(each.urn)
            if school is None or self.school(each.predecessor) is None:
                continue
            if (each.urn, each.predecessor) not in self._by_link and (each.predecessor, each.urn) in self._by_link:
                continue  # a link says that it is the other way round
            on = self.takes_over(each)
            if on is not None:
                dated.setdefault((on, each.urn), []).append(each)
        found = []
        for (on, urn), together in sorted(dated.items()):
            before = tuple(sorted(each.predecessor for each in together))
            parts = {
                other
                for (day, other), those in dated.items()
                for each in those
                if day == on and each.predecessor in before
            }
            merger = any(each.merged or self.took_in(each) for each in together)
            new_start = len(parts) > 1 or len(before) > 1 or merger
            found.append(Succession(urn, on, before, new_start))
        return found


def _says_one_of_them(link: Link) -> bool:
    return link.kind == "Result of Amalgamation" or link.kind.startswith("Merged - ")
