"""`person list` and `person change`: who somebody is by id, and another name, e-mail address or telephone number."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import NONE, AsJson, Data, a_person, console, print_json, print_table

person = typer.Typer(help="Who the people are, and how they are reached.", no_args_is_help=True)


@person.command("list")
def list_people(
    authority: Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")],
    name: Annotated[str, typer.Option(help="Only those in whose name this stands.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The people whom an authority took on, with the ids that other commands ask for, and their posts."""
    found = Api(data).get("membership", "/people", role="la.officer", authority=authority, name=name or None)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print(
            f"Nobody of authority {authority} is recorded{f' with {name} in the name' if name else ''}.", markup=False
        )
        return
    print_table(
        ["person", "name", "posts"],
        [[each["person_id"], each["name"], "; ".join(each["posts"])] for each in found],
    )


@enters(person, "change")
def change(
    person_id: Annotated[UUID, a_person("the person")],
    name: Annotated[str | None, typer.Option(help="Her or his name.")] = None,
    email: Annotated[str | None, typer.Option(help="The e-mail address to write to.")] = None,
    telephone: Annotated[str | None, typer.Option(help="The telephone number; none: there is none any more.")] = None,
) -> Entry:
    """Change how a person is reached; what is left out stays as it is."""
    number = NONE if telephone == "none" else telephone
    return Entry(f"/people/{person_id}/contact-details", {"name": name, "email": email, "telephone": number})
