"""What an authority decides: the policies by which its schools are spoken for and categorised."""

from enum import StrEnum
from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import AsJson, Data, a_day, print_json, print_table
from infra.local.trouble import Trouble

policy = typer.Typer(
    help="The policies of an authority: who speaks, and what decides a category.", no_args_is_help=True
)

Authority = Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")]


class Kind(StrEnum):
    """What a policy decides."""

    routing = "routing"
    category = "category"


@policy.command("list")
def list_policies(authority: Authority, data: Data = None, as_json: AsJson = False) -> None:
    """Every policy that the authority has, had or has planned."""
    found = Api(data).get("membership", f"/authorities/{authority}/policies")
    if as_json:
        print_json(found)
        return
    print_table(
        ["kind", "policy", "version", "from", "until", "adopted by", "why", "counts"],
        [
            [
                *(each[name] for name in ("kind", "name", "version", "from_date", "until", "adopted_by", "reason")),
                "yes" if each["counts"] else f"no: {each['withdrawn_because'] or 'another does'}",
            ]
            for each in found
        ],
    )


@enters(policy, "adopt")
def adopt(
    kind: Kind,
    authority: Authority,
    name: Annotated[str, typer.Argument(help="warwickshire, bristol, duty-desk-only; ofsted, la, propose.")],
    reason: Annotated[str, typer.Option(help="The decision that it rests on.")],
    since: Annotated[str | None, a_day("--from", "The day from which it applies; else today.")] = None,
    inherit: Annotated[
        str | None, typer.Option(help="For categories: converters (if left out), always or never.")
    ] = None,
) -> Entry:
    """Adopt a policy from a day on. Every school of the authority is looked at again on that day."""
    _only_of_categories(kind, inherit)
    applies = inherit or ("converters" if kind is Kind.category else None)
    carries = {"name": name, "reason": reason, "from": since, "inherit": applies}
    return Entry(f"/authorities/{authority}/policies/{kind}", carries)


def _only_of_categories(kind: Kind, inherit: str | None) -> None:
    if inherit is not None and kind is not Kind.category:
        raise Trouble(
            f"--inherit {inherit} says nothing of a {kind} policy", "Leave it out, or adopt a category policy."
        )


Version = Annotated[int, typer.Argument(help="The number that `policy list` shows.")]


@enters(policy, "correct")
def correct_policy(
    kind: Kind,
    authority: Authority,
    version: Version,
    reason: Annotated[str, typer.Option(help="Why; it is kept with what had been entered before.")],
    name: Annotated[str | None, typer.Option(help="The policy that it really was.")] = None,
    since: Annotated[str | None, a_day("--from", "The day from which it really applied.")] = None,
    inherit: Annotated[str | None, typer.Option(help="For categories: converters, always or never.")] = None,
) -> Entry:
    """Put a policy right that was adopted by mistake, for the days that have gone too. What is left out stays."""
    _only_of_categories(kind, inherit)
    carries = {"reason": reason, "name": name, "inherit": inherit, "from": since}
    return Entry(f"/authorities/{authority}/policies/{kind}/{version}/correct", carries)


@enters(policy, "withdraw")
def withdraw_policy(
    kind: Kind,
    authority: Authority,
    version: Version,
    reason: Annotated[str, typer.Option(help="Why it should never have been adopted.")],
) -> Entry:
    """Take back a policy: what applied before goes on, and what it decided meanwhile is decided again."""
    return Entry(f"/authorities/{authority}/policies/{kind}/{version}/withdraw", {"reason": reason})
