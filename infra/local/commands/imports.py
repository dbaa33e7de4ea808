"""Files that were imported: see them, try again what failed, give it up with a reason."""

from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.commands.registers import waiting, waits_for_the_clock

imports = typer.Typer(help="Files that were imported, those that failed, and those that wait.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The id that `imports list` shows.")]


@imports.command("list")
def list_imports(
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Also those that came to their end, the latest first.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Files that could not be applied to their end, each with what to do, and why for those who may know of its line.

    Also those of which lines wait for a school that stands still, which go on by themselves, and those that wait until
    somebody has confirmed the clock.
    """
    states = [None] if all_of_them else ["failed", "waiting", "applying"]
    found = [
        each
        for state in states
        for each in Api(data).get("membership", "/imports", role="la.officer", state=state)
        if state != "applying" or each["waiting"]["for_the_clock"]
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("No import has failed, and none waits." if not all_of_them else "Nothing was imported yet.")
        return
    columns = ["import_id", "kind", "name", "as_at", "state", "position"]
    rows = [[*(each[name] for name in columns), (each["failure"] or {}).get("reason", "")] for each in found]
    print_table([*columns, "reason"], rows)
    for each in found:
        if each["waiting"]["because"]:
            console.print(f"{each['import_id']}: {waiting(each)}", highlight=False)
        if each["waiting"]["for_the_clock"]:
            console.print(f"{each['import_id']}: {waits_for_the_clock(each)}", highlight=False)
        if each["failure"]:
            console.print(f"{each['import_id']}: {each['failure']['cure']}", highlight=False)


@imports.command("retry")
def retry(id: Id, data: Data = None, as_json: AsJson = False) -> None:
    """Apply the rest of it. What was applied is not applied again."""
    found = Api(data).post("membership", f"/imports/{id}/retry", {}, role="la.officer").json()
    if as_json:
        print_json(found)
    else:
        console.print(f"{found['name']} goes on after line {found['position']}.", highlight=False)
        if found["waiting"]["for_the_clock"]:
            console.print(str(waits_for_the_clock(found)), highlight=False)


@imports.command("discard")
def discard(
    id: Id,
    reason: Annotated[str, typer.Option(help="Why nothing more of it is wanted; officers of every authority read it.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Apply nothing more of it. What was applied stays."""
    found = Api(data).post("membership", f"/imports/{id}/discard", {"reason": reason}, role="la.officer").json()
    if as_json:
        print_json(found)
    else:
        console.print(f"{found['name']}: what was applied stays; the rest is given up.", highlight=False)
