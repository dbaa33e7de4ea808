"""Bodies of schools: which there are, who is in them, and that they close."""

from typing import Annotated, Any
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import AsJson, Data, a_day, console, print_json, print_table

body = typer.Typer(help="Bodies of schools: who is in them, and what becomes of them.", no_args_is_help=True)

BodyId = Annotated[UUID, typer.Argument(help="Id of the body; `body list` shows it.")]
OnDay = Annotated[str | None, a_day("--on", "As it is on this day; today if left out.")]


@body.command("list")
def list_bodies(
    authority: Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")],
    on: OnDay = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The bodies of an authority, and which of their offices are held."""
    found = Api(data).get("membership", "/bodies", authority=authority, on=on)
    if as_json:
        print_json(found)
        return
    columns = ("body_id", "name", "kind", "schools", "opened_on", "closed_on")
    print_table(
        ["body", "name", "kind", "schools", "opened on", "closed on", "offices held"],
        [
            [*(each[name] for name in columns), ", ".join(office["post"] for office in each["offices"])]
            for each in found
        ],
    )


@body.command("show")
def show_body(body_id: BodyId, on: OnDay = None, data: Data = None, as_json: AsJson = False) -> None:
    """One body: its schools on a day, and every term of office that it has, had or is to have."""
    found = Api(data).get("membership", f"/bodies/{body_id}", on=on)
    if as_json:
        print_json(found)
        return
    console.print(f"[bold]{found['name']}[/bold], {found['kind']}, authority {found['authority']}", highlight=False)
    _print("schools", found["schools"], ("urn", "name", "lead", "from_date", "until"))
    _print("terms of office", found["terms_of_office"], ("term_id", "post", "person_id", "from_date", "until"))


@enters(body, "close")
def close(
    body_id: BodyId,
    on: Annotated[str, a_day("--on", "The first day on which there is no such body any more.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the terms of office that end.")],
) -> Entry:
    """Close a body: its schools leave it and its terms of office end on that day."""
    return Entry(f"/bodies/{body_id}/close", {"closed_on": on, "reason": reason})


def _print(title: str, found: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    words = [name.replace("_", " ").removesuffix(" date") for name in columns]
    print_table(words, [[_said(each[name]) for name in columns] for each in found], title)


def _said(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value
