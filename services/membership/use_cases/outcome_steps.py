"""What was published of a school and decided of it, as steps to an answer: each version, and each officer's decision."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.membership.domain.category import Because, Category, Outcome, category_of_outcome
from services.membership.domain.standing import Facts, standing
from services.membership.store.knowledge import Version
from services.membership.use_cases.step import Step, known_on

_OF_AN_OUTCOME = (Because.OUTCOME, Because.INHERITED, Because.PROPOSAL)


def of_outcomes(versions: Sequence[Version], urn: str, category: Category, known: date) -> list[Step]:
    """Every version with its own grades. That counts on which the category in force rests."""
    heard = [each for each in versions if known_on(each.outcome.recorded_at) <= known]
    decides = _deciding(heard, urn, category)
    steps = []
    for each in heard:
        outcome = each.outcome
        says = (
            f"Inspection {outcome.inspection_number}, {outcome.kind}, version {each.number}"
            + _grade(outcome, category_of_outcome(outcome))
            + (f", of {outcome.urn}, which this school continues" if outcome.urn != urn else "")
            + f" ({each.source})"
        )
        steps.append(
            Step(
                "outcome",
                says,
                outcome.published_on,
                None,
                known_on(outcome.recorded_at),
                each is decides,
                outcome.inspection_number,
            )
        )
    return steps


def _deciding(heard: Sequence[Version], urn: str, category: Category) -> Version | None:
    """The version that is believed; but what was confirmed or kept rests on the one that gave it, whatever came later."""
    if category.because not in _OF_AN_OUTCOME or category.value is None:
        return None
    number = category.facts["inspection_number"] if category.because is Because.PROPOSAL else category.ref
    said = [
        each
        for each in heard
        if (each.outcome.inspection_number, each.outcome.urn) == (number, category.inherited_from or urn)
        and category_of_outcome(each.outcome) == category.value
    ]
    return max(said, key=lambda each: (each.outcome.source_as_at, each.number), default=None)


def of_decisions(decided: Sequence[dict[str, Any]], facts: Facts, day: date, known: date) -> list[Step]:
    """What officers decided of outcomes. Of one the last decision counts, if without it another category were in force.

    Of those of another authority only whether the outcome counts, which everybody may know: who decided it, and why, is that
    one's own (decision 20).
    """
    heard = [each for each in decided if known_on(each["recorded_at"]) <= known]
    shown = [(each, by) for each in heard if (by := _by_whom(each, facts.circumstances.school.authority))]
    last = {_identity(each): each for each, _ in shown}
    return [
        Step(
            "outcome",
            f"Inspection {each['inspection_number']}, {each['kind']}, "
            f"{'withdrawn' if each['withdrawn'] else 'believed again'} by {by}",
            each["decided_on"],
            None,
            known_on(each["recorded_at"]),
            last[_identity(each)] is each and _makes_a_difference(facts, _identity(each), day),
            each["inspection_number"],
        )
        for each, by in shown
    ]


def _identity(decided: dict[str, Any]) -> tuple[str, str]:
    return (decided["inspection_number"], decided["kind"])


def _by_whom(decided: dict[str, Any], authority: str) -> str | None:
    """Of her own authority the officer, and why. Of another one nothing where nothing changed: that a withdrawal stands."""
    if decided["authority"] == authority:
        return f"{decided['decided_by']}: {decided['reason']}"
    return "an officer of another authority" if decided["changes"] else None


def _makes_a_difference(facts: Facts, identity: tuple[str, str], day: date) -> bool:
    """Whether another category were in force if the outcome counted that does not, or the other way round."""
    otherwise = [
        replace(each, withdrawn=not each.withdrawn) if each.identity == identity else each for each in facts.outcomes
    ]
    return standing(facts, day).category != standing(replace(facts, outcomes=otherwise), day).category


def _grade(outcome: Outcome, category: int | None) -> str:
    """Every judgement that the table reads, and what it makes of them."""
    safeguarding = {None: None, True: "effective", False: "not effective"}[outcome.safeguarding_effective]
    judged: dict[str, object] = {
        "headline": outcome.headline,
        "category of concern": outcome.category_of_concern,
        "safeguarding": safeguarding,
        "quality of education": outcome.quality_of_education,
        "leadership": outcome.leadership,
    }
    card = outcome.report_card.as_names() if outcome.report_card else {}
    said = [f"{name} {grade}" for name, grade in judged.items() if grade is not None]
    said += [f"{area.replace('-', ' ')}: {grade}" for area, grade in card.items()]
    said += [f"Category {category} by the table" if category else "changes no category"]
    return ": " + ", ".join(said)
