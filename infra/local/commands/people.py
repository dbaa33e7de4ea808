"""`person change`: another name, e-mail address or telephone number."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import NONE, a_person

person = typer.Typer(help="How people are reached.", no_args_is_help=True)


@person.callback()
def _group() -> None:
    """With one command alone its name would be left out."""


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
