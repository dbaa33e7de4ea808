"""What a day was to bring and could not be done: see it, try it again, give it up with a reason."""

from typing import Annotated
from uuid import UUID

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json, print_table

due = typer.Typer(help="What was due on a day and could not be done.", no_args_is_help=True)

Id = Annotated[UUID, typer.Argument(help="The id that `due list` shows.")]

Role = Annotated[str, typer.Option(help="la.ops for what concerns no school or body that the register knows.")]


@due.command("list")
def list_failed(data: Data = None, as_json: AsJson = False) -> None:
    """What failed, the oldest day first. Its schools, or its body, stand as they did the day before."""
    found = Api(data).get("membership", "/due")
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("Nothing that was due has failed.")
        return
    print_table(
        ["id", "due on", "what", "of", "why it failed"],
        [
            [
                each["failure_id"],
                each["on"],
                each["what"],
                ", ".join([*each["names"], *each["concerns"]]) or "nobody whom the register knows",
                each["because"],
            ]
            for each in found
        ],
    )
    for cure in dict.fromkeys(each["cure"] for each in found):
        of = dict.fromkeys(each["what"] for each in found if each["cure"] == cure)
        console.print(f"Where {', or '.join(of)}: {cure}", highlight=False, soft_wrap=True)


@due.command("retry")
def retry(id: Id, role: Role = "la.officer", data: Data = None, as_json: AsJson = False) -> None:
    """Do it, and what waits behind it. If it fails again, `due list` has it again in a few seconds."""
    found = Api(data).post("membership", f"/due/{id}/retry", {}, role=role).json()
    if as_json:
        print_json(found)
    else:
        console.print(f"Tried again: {found['what']}, due on {found['on']}.", highlight=False)


@due.command("discard")
def discard(
    id: Id,
    reason: Annotated[str, typer.Option(help="Why it may be left undone; it is kept.")],
    role: Role = "la.officer",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Leave it undone: nobody is told of it, and what waits behind it goes on. Not for what others hear by it alone."""
    found = Api(data).post("membership", f"/due/{id}/discard", {"reason": reason}, role=role).json()
    if as_json:
        print_json(found)
    else:
        console.print(f"Given up: {found['what']}, due on {found['on']}.", highlight=False)
