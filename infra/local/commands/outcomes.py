"""Published outcomes: one is recorded by hand (the later file matches it by its number, R0.1), or taken back."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters, told_of
from infra.local.commands.options import AsJson, Data, a_day, console
from infra.local.commands.schools import Urn
from infra.local.trouble import Trouble

outcome = typer.Typer(help="Published outcomes.", no_args_is_help=True)

Inspection = Annotated[str, typer.Argument(help="The number of the inspection; `explain` shows it.")]
Graded = Annotated[str, typer.Option(help="graded or ungraded.")]


class Safeguarding(StrEnum):
    """What the report says of it."""

    met = "met"
    not_met = "not-met"


@enters(outcome, "record")
def record(
    urn: Urn,
    number: Annotated[str, typer.Option(help="The number of the inspection, as in the report.")],
    began: Annotated[str, a_day("--began", "The day on which the inspection began, as 2026-01-13.")],
    published: Annotated[str, a_day("--published", "The day on which the report was published.")],
    link: Annotated[str | None, typer.Option(help="The address of the report.")] = None,
    grade: Annotated[
        list[str] | None, typer.Option(help="Of a report card, once an area: achievement='needs attention'.")
    ] = None,
    headline: Annotated[int | None, typer.Option(min=1, max=4, help="The headline grade, until August 2024.")] = None,
    quality: Annotated[int | None, typer.Option(min=1, max=4, help="Quality of education.")] = None,
    leadership: Annotated[int | None, typer.Option(min=1, max=4, help="Leadership and management.")] = None,
    concern: Annotated[str | None, typer.Option(help="Category of concern: SM, SWK, RSI or NTI.")] = None,
    safeguarding: Annotated[Safeguarding | None, typer.Option(help="What the report says of it.")] = None,
    kind: Annotated[str, typer.Option(help="graded or ungraded.")] = "graded",
) -> Entry:
    """Record one published outcome. Judgements that were not made are left out; a graded one has a judgement at least."""
    said: dict[str, Any] = {
        "headline": headline,
        "quality_of_education": quality,
        "leadership": leadership,
        "category_of_concern": concern,
        "safeguarding_effective": None if safeguarding is None else safeguarding is Safeguarding.met,
        "report_link": link,
        "report_card": _card(grade or []),
    }
    recorded = {
        "urn": urn,
        "inspection_number": number,
        "kind": kind,
        "inspection_started_on": began,
        "published_on": published,
        **{name: value for name, value in said.items() if value not in (None, {})},
    }
    return Entry("/outcomes", {"outcomes": [recorded]})


@outcome.command()
def withdraw(
    inspection_number: Inspection,
    reason: Annotated[str, typer.Option(help="Why it should never have been recorded.")],
    kind: Graded = "graded",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take back an outcome: it counts no more. What was told of it stays told."""
    body = {"kind": kind, "reason": reason}
    told_of(Api(data).post("membership", f"/outcomes/{inspection_number}/withdraw", body), as_json)
    if not as_json:
        console.print("Files that list it change nothing; of one of a later day the duty desk is asked.")


@enters(outcome, "believe")
def believe(
    inspection_number: Inspection,
    reason: Annotated[str, typer.Option(help="Why the file is right after all.")],
    kind: Graded = "graded",
) -> Entry:
    """Believe a file that lists a withdrawn outcome: it counts again."""
    return Entry(f"/outcomes/{inspection_number}/believe", {"kind": kind, "reason": reason})


@enters(outcome, "stands")
def stands(inspection_number: Inspection, kind: Graded = "graded") -> Entry:
    """Let a withdrawal stand though a file lists the outcome again."""
    return Entry(f"/outcomes/{inspection_number}/withdrawal-stands", {"kind": kind})


@enters(outcome, "correct-number")
def correct_number(
    inspection_number: Inspection,
    right: Annotated[str, typer.Argument(help="Its number in the report, by which Ofsted's file matches it.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the outcome that is withdrawn.")],
    kind: Graded = "graded",
) -> Entry:
    """Correct the number of an inspection that was entered by hand."""
    return Entry(f"/outcomes/{inspection_number}/correct-number", {"kind": kind, "number": right, "reason": reason})


def _card(grades: list[str]) -> dict[str, str]:
    card = {}
    for each in grades:
        area, equals, grade = each.partition("=")
        if not equals or not area.strip() or not grade.strip():
            raise Trouble(f"{each} is not a grade of an area", "Write it as achievement='needs attention'.")
        card[area.strip()] = grade.strip()
    return card
