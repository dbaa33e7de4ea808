"""Which schools belong to which body, and which body leads: as somebody knows it who only reads what is told."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.bitemporal.model import Known, Member
from tests.bitemporal.told import Place

A_DAY = timedelta(days=1)


@dataclass
class Stretch:
    start: date
    until: date | None
    lead: bool

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.until is None or day < self.until)


class PlacesTold:
    """Said again of its first day it only names who leads, of a later one it goes on from there; ending on its first day it
    never was."""

    def __init__(self, known: Known, today: date):
        self.since = today - 10 * A_DAY
        self.held: dict[tuple[str, str], list[Stretch]] = {}
        for each in known.all(Member):
            lead = known.lead_body(each.urn, today) == each.body
            self.held.setdefault((each.body, each.urn), []).append(Stretch(each.start, each.until, lead))

    def hear(self, told: Place) -> str | None:
        """What is wrong with being told that now, if anything."""
        mine = self.held.setdefault((told.body, told.urn), [])
        before = [Stretch(each.start, each.until, each.lead) for each in mine]
        same = next((each for each in mine if each.start == told.on), None)
        if same is not None and told.lead is None:
            mine.remove(same)
        elif same is not None:
            same.lead = told.lead
        else:
            for each in [each for each in mine if each.covers(told.on)]:
                each.until = told.on
            later = min((each.start for each in mine if each.start > told.on), default=None)
            mine += [Stretch(told.on, later, told.lead)] if told.lead is not None else []
        mine.sort(key=lambda each: each.start)
        return f"{told} changes nothing" if mine == before else None

    def differ(self, known: Known, today: date) -> list[str]:
        wrong = []
        day = self.since
        while day <= today:
            there = {(each.body, each.urn) for each in known.held(Member, day) if _came(known, each)}
            heard = {which: [each.lead for each in mine if each.covers(day)] for which, mine in self.held.items()}
            for body, urn in there | {which for which, leads in heard.items() if leads}:
                right = [known.lead_body(urn, day) == body] if (body, urn) in there else []
                if heard.get((body, urn), []) != right:
                    wrong.append(
                        f"{urn} in {body} on day {day}, whether it leads: {heard.get((body, urn))}, right is {right}"
                    )
            day += A_DAY
        return wrong


def _came(known: Known, place: Member) -> bool:
    """Nobody hears of a place that was to begin when its school had closed, as far as that is known now."""
    school = known.school(place.urn)
    return school is None or school.closed is None or place.start < school.closed
