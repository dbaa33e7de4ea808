"""What an officer says and asks about one school: its own category, that it was told, who speaks for it."""

from enum import StrEnum
from typing import Annotated, Any

import httpx2
import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, day, print_json

la_category = typer.Typer(help="The authority's own category for a school.", no_args_is_help=True)
school = typer.Typer(help="What was said to a school.", no_args_is_help=True)

Urn = Annotated[str, typer.Argument(help="The school's unique reference number.")]


class Matter(StrEnum):
    """What the school is spoken for in."""

    general = "general"
    inspection = "inspection"


@la_category.command("set")
def set_category(
    urn: Urn,
    category: Annotated[int, typer.Argument(min=1, max=4, help="1 to 4.")],
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
    since: Annotated[str, typer.Option("--from", help="The day from which it holds, as 2025-09-01.")],
    review_on: Annotated[str | None, typer.Option(help="When it is looked at again.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set the authority's own category."""
    body = {"category": category, "from": day(since), "reason": reason}
    if review_on:
        body["review_on"] = day(review_on)
    _told(Api(data).post("membership", f"/schools/{urn}/la-category", body), as_json)


@la_category.command("lift")
def lift_category(
    urn: Urn,
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
    on: Annotated[str | None, typer.Option("--on", help="The day from which it no longer holds; else today.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Lift it: the school's category is again what its inspections say."""
    body = {"reason": reason, **({"on": day(on)} if on else {})}
    _told(Api(data).post("membership", f"/schools/{urn}/la-category/lift", body), as_json)


@school.command("told")
def told(
    urn: Urn,
    on: Annotated[str, typer.Option("--on", help="The day on which the school was told.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Record that the school was told: what was held for it may now go out."""
    _told(Api(data).post("membership", f"/schools/{urn}/told", {"told_on": day(on)}), as_json)


def who_speaks(
    urn: Urn,
    matter: Annotated[Matter | None, typer.Option(help="One matter only.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="On this day; today if left out.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Who speaks for a school, by which rule, and until when."""
    api = Api(data)
    matters = [matter] if matter else list(Matter)
    asked = day(on) if on else None
    found = {
        each.value: api.get("membership", f"/schools/{urn}/speaker", matter=each.value, on=asked) for each in matters
    }
    if as_json:
        print_json(found if len(found) > 1 else next(iter(found.values())))
        return
    for name, answer in found.items():
        console.print(f"[bold]{name}[/bold]")
        _print_fields(answer)


def _print_fields(answer: dict[str, Any], indent: str = "  ") -> None:
    for name, value in answer.items():
        if isinstance(value, dict):
            console.print(f"{indent}{name.replace('_', ' ')}")
            _print_fields(value, indent + "  ")
        elif value is not None:
            console.print(f"{indent}{name.replace('_', ' ')}: {value}", highlight=False)


def _told(answer: httpx2.Response, as_json: bool) -> None:
    """What became of a command, and under which id to follow it."""
    correlation = answer.headers.get("X-Correlation-ID")
    found = {**answer.json(), "correlation_id": correlation}
    if as_json:
        print_json(found)
        return
    _print_fields({name: value for name, value in found.items() if name != "correlation_id"}, "")
    if correlation:
        console.print(f"Follow it with: journey {correlation}", highlight=False)
