"""`outcome record`: an officer records one published outcome by hand; the later file matches it by its number (R0.1)."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, day
from infra.local.commands.schools import Urn, told_of
from infra.local.trouble import Trouble


class Safeguarding(StrEnum):
    """What the report says of it."""

    met = "met"
    not_met = "not-met"


def record(
    urn: Urn,
    number: Annotated[str, typer.Option(help="The number of the inspection, as in the report.")],
    began: Annotated[str, typer.Option(help="The day on which the inspection began, as 2026-01-13.")],
    published: Annotated[str, typer.Option(help="The day on which the report was published.")],
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
    data: Data = None,
    as_json: AsJson = False,
) -> None:
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
    outcome = {
        "urn": urn,
        "inspection_number": number,
        "kind": kind,
        "inspection_started_on": day(began),
        "published_on": day(published),
        **{name: value for name, value in said.items() if value not in (None, {})},
    }
    told_of(Api(data).post("membership", "/outcomes", {"outcomes": [outcome]}), as_json)


def _card(grades: list[str]) -> dict[str, str]:
    card = {}
    for each in grades:
        area, equals, grade = each.partition("=")
        if not equals or not area.strip() or not grade.strip():
            raise Trouble(f"{each} is not a grade of an area", "Write it as achievement='needs attention'.")
        card[area.strip()] = grade.strip()
    return card
