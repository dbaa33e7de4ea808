"""Keep or lift, said a second time: what officers are asked of entries of the authority, and what they answered (R0.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tests.bitemporal.facts import Outcome
from tests.bitemporal.model import says

Believed = Mapping[tuple[str, str], Outcome]


@dataclass
class Question:
    """``gave``: the category of the outcome when it was answered, or when there was nothing left to answer."""

    entry: str
    cause: str
    on: date
    number: str = ""
    over: bool = False
    gave: int | None = None


class AskedOfEntries:
    def __init__(self) -> None:
        self.questions: list[Question] = []

    def ask(self, entry: str, cause: str, on: date, *, over: bool = False) -> bool:
        """Once a day; whether it was new."""
        if any((each.entry, each.cause, each.on) == (entry, cause, on) for each in self.questions):
            return False
        self.questions.append(Question(entry, cause, on, over=over))
        return True

    def ask_by(self, entry: str, outcome: Outcome, believed: Believed) -> bool:
        """Whether somebody hears that she is asked.

        Each inspection is asked about, once, and again when it says something else than it said to whoever answered. Should
        it meanwhile say the same again, she need not answer.
        """
        of_the_day = [each for each in self.questions if (each.entry, each.on) == (entry, outcome.published)]
        mine = [each for each in of_the_day if each.number == outcome.number]
        twins = [each for each in of_the_day if each.number and each not in mine and _alike(each, outcome, believed)]
        answered = [each.gave for each in mine if each.over][-1:]
        if says(outcome) in (answered or [each.gave for each in self._latest(twins) if each.over]):
            for each in mine:
                each.over, each.gave = True, each.gave if each.over else says(outcome)
            return False
        if any(not each.over for each in mine):
            return False
        self.questions.append(Question(entry, "outcome", outcome.published, outcome.number))
        return not any(not each.over and not believed[each.number, "graded"].withdrawn for each in twins)

    def _latest(self, asked: list[Question]) -> list[Question]:
        return list({each.number: each for each in asked}.values())

    def open(self, entry: str, believed: Believed) -> list[Question]:
        mine = [each for each in self.questions if each.entry == entry and not each.over]
        return [each for each in mine if not each.number or self._counts(each, believed)]

    def _counts(self, asked: Question, believed: Believed) -> bool:
        """Its inspection does; or else the same one under a number by which nobody was asked."""
        inspection = believed[asked.number, "graded"]
        if not inspection.withdrawn:
            return True
        by = {each.number for each in self.questions if (each.entry, each.on) == (asked.entry, asked.on)}
        return any(
            not each.withdrawn
            and each.number not in by
            and each.kind == "graded"
            and (each.urn, each.started, each.published) == (inspection.urn, inspection.started, asked.on)
            for each in believed.values()
        )

    def answer(self, entry: str, believed: Believed) -> None:
        for each in self.open(entry, believed):
            each.over = True
            each.gave = says(believed[each.number, "graded"]) if each.number else None

    def forget(self, entry: str) -> None:
        """It is over: nobody is asked of it any more."""
        for each in self.questions:
            each.over = each.over or each.entry == entry


def _alike(asked: Question, outcome: Outcome, believed: Believed) -> bool:
    """One inspection under two numbers: of one school, begun on one day."""
    other = believed[asked.number, "graded"]
    return (other.urn, other.started) == (outcome.urn, outcome.started)
