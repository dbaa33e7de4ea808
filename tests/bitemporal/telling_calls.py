"""What becomes of an inspection call: who is asked, who has answered, and what is told of it (W-16, R0.8)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.bitemporal.answer import Answer
from tests.bitemporal.as_told import AsTold
from tests.bitemporal.line import line
from tests.bitemporal.model import DESK, Known, Who
from tests.bitemporal.reading import TYPES
from tests.bitemporal.telling_facts import TellingFacts

A_DAY = timedelta(days=1)
RECORDED_LATE = timedelta(days=7)
BANK_HOLIDAYS = {date(2024, 1, 1), date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 6), date(2024, 5, 27)}
OFFICER_OF_THE_DAY = "cat"  # of the duty desk
DESKS = (DESK.role, "improvement-desk")


@dataclass
class Asked:
    """``by``: until when, in London. None: nobody is next."""

    role: str
    person: str | None
    by: str | None
    answer: str = "waiting"

    @property
    def is_told(self) -> str | None:
        """Whom the event names: of the duty desk its officer of the day, who may be in line herself."""
        return OFFICER_OF_THE_DAY if self.role == DESK.role else self.person


@dataclass
class Call:
    name: str
    urn: str
    on: date
    asked: list[Asked] = field(default_factory=list)
    closed: tuple[date, str] | None = None  # and because of what

    def who(self, answer: str) -> Asked | None:
        return next((each for each in self.asked if each.answer == answer), None)

    @property
    def present(self) -> Asked:
        return self.who("accepted") or self.who("waiting") or self.asked[-1]

    @property
    def at_a_desk(self) -> bool:
        """A desk of the council is asked or was, so that its department may know of the call (W-16)."""
        return any(each.role in DESKS for each in self.asked)

    def in_vain(self) -> set[str | None]:
        return {each.person or each.role for each in self.asked if each.answer in ("cannot", "no-answer")}


class TellingCalls(TellingFacts):
    """Each act says whether it may be done; what is refused changes nothing."""

    today: date
    as_told: AsTold
    shown: dict[str, Answer]
    calls: list[Call]

    def has_the_call(self, urn: str) -> Call | None:
        """The call that the school has from now on. It is one call, told of twice or by the school that it has become. Of one
        that isn't state-funded nobody here is asked."""
        school = self.known.school(urn)
        if school is None or TYPES[school.type] == "independent":
            return None
        for call in self.open_calls():
            if call.urn in {urn, *self.known.predecessors(urn)} and urn in (call.urn, self.goes_on_as(call.urn)):
                return call
        if not self.known.open(urn, self.today):
            return None
        call = Call(f"call {len(self.calls)}", urn, self.today)
        self.calls.append(call)
        self._ask_next(call)
        return call

    def accepts(self, call: Call, person: str | None) -> bool:
        mine = self._answering(call, person)
        if mine is None or mine.answer == "accepted":
            return mine is not None  # said twice
        school = self.known.school(self.goes_on_as(call.urn))
        heads = mine.person is not None and school is not None and self.known.heads(mine.person, school, self.today)
        if call.who("accepted") or mine.answer == "cannot" or heads:
            return False
        self._stand_down(call)
        mine.answer = "accepted"
        place = call.asked.index(mine) + 1
        self.say("inspection-call.accepted", call.name, call.urn, mine.role, mine.is_told, place, call.at_a_desk)
        return True

    def cannot(self, call: Call, person: str | None) -> bool:
        mine = self._answering(call, person)
        if mine is None or mine.answer == "cannot":
            return mine is not None  # said twice
        if mine.role == DESK.role or mine.answer == "not-needed" or call.who("accepted") not in (None, mine):
            return False
        mine.answer = "cannot"
        if not (call.who("waiting") or call.who("accepted")):
            self._ask_next(call)
        return True

    def closes(self, call: Call, because: str) -> bool:
        if call.closed is not None:
            return False
        self._stand_down(call)
        call.closed = (self.today, because)
        self.say("inspection-call.closed", call.name, call.urn, str(self.today), because, call.at_a_desk)
        return True

    def time_passes(self) -> None:
        """Whose time has run out is followed by the next in line; a call whose report is out is over."""
        for call in self.open_calls():
            late = call.who("waiting")
            if late is not None and late.by is not None and late.by <= f"{self.today} 12:00":
                late.answer = "no-answer"
                self._ask_next(call)
        for call in self.open_calls():
            if self._report_is_out(call):
                self.closes(call, "published")

    def stand_in(self, call: Call) -> Who | None:
        """Whoever would be asked if the present one could not; None where the duty desk is asked."""
        if call.present.role == DESK.role:
            return None
        return self._next(call, {*call.in_vain(), call.present.person or call.present.role})

    def open_calls(self) -> list[Call]:
        return [each for each in self.calls if each.closed is None]

    def goes_on_as(self, urn: str) -> str:
        """The open school that continues this one, where it is closed and one alone does."""
        now = [each for each in self._line_after(urn) if self.known.open(each, self.today)]
        return now[0] if not self.known.open(urn, self.today) and len(now) == 1 else urn

    def knows(self, urn: str) -> Known:
        """What the school knows: all, or what it was told."""
        return self.as_told.known(urn, self.today) if urn in self.shown else self.known

    # -- who is asked, and until when --

    def _ask_next(self, call: Call) -> None:
        who = self._next(call, call.in_vain())
        call.asked.append(Asked(who.role, who.person, None if who == DESK else until_when(self.today)))
        asked = call.asked[-1]
        what = (
            call.name,
            call.urn,
            asked.role,
            asked.is_told,
            len(call.asked),
            call.at_a_desk,
            f"{self.today} 12:00",
            asked.by,
        )
        self.say("inspection-call.asked", *what)

    def _next(self, call: Call, in_vain: set[str | None]) -> Who:
        """Nothing that the school was not told decides who comes to it (R0.8)."""
        school = self.goes_on_as(call.urn)
        ordered = line(self.knows(school), school, self.today, self._routes_as(school))
        return next((each for each in ordered if (each.person or each.role) not in in_vain), DESK)

    def _routes_as(self, urn: str) -> int:
        """As which category, as far as the school may know: of one that no published outcome gives the one that it was told last,
        and what is published where it was told of nobody who speaks for it yet."""
        now, told = Answer.of(self.knows(urn), urn, self.today), self.shown.get(urn)
        if now.public or told is None or None in now.speak:
            return now.category or 2
        if None in told.speak:
            return self.knows(urn).public_category(urn, self.today).value or 2
        return told.category or 2

    def _answering(self, call: Call, person: str | None) -> Asked | None:
        """The last time that she was asked; where nobody is named, whoever is asked now."""
        if call.closed is not None:
            return None
        if person is None:
            return call.present
        return next((each for each in reversed(call.asked) if each.person == person), None)

    def _stand_down(self, call: Call) -> None:
        waiting = call.who("waiting")
        if waiting is not None:
            waiting.answer = "not-needed"

    def _report_is_out(self, call: Call) -> bool:
        of = {call.urn, *self.known.predecessors(call.urn), *self._line_after(call.urn)}
        return any(
            call.on < each.published <= self.today and each.started >= call.on - RECORDED_LATE
            for each in self.known.believed().values()
            if each.urn in of and not each.withdrawn
        )

    def _line_after(self, urn: str) -> Iterator[str]:
        return (each for each in self.schools if urn in self.known.predecessors(each))


def until_when(day: date) -> str:
    """Half an hour in school hours: of somebody asked at noon, by half past; on a day without school, on the next by half
    past eight."""
    if is_school_day(day):
        return f"{day} 12:30"
    while not is_school_day(day):
        day += A_DAY
    return f"{day} 08:30"


def is_school_day(day: date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS
