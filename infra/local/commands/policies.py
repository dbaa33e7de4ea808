"""What an authority decides: its policies, and taking back an outcome that should never have been recorded."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, day, print_json, print_table
from infra.local.commands.schools import told_of

policy = typer.Typer(
    help="The policies of an authority: who speaks, and what decides a category.", no_args_is_help=True
)
outcome = typer.Typer(help="Published outcomes.", no_args_is_help=True)

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


@policy.command()
def adopt(
    kind: Kind,
    authority: Authority,
    name: Annotated[str, typer.Argument(help="warwickshire, bristol, duty-desk-only; ofsted, la, propose.")],
    reason: Annotated[str, typer.Option(help="The decision that it rests on.")],
    since: Annotated[str | None, typer.Option("--from", help="The day from which it applies; else today.")] = None,
    inherit: Annotated[str, typer.Option(help="For categories: converters, always or never.")] = "converters",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Adopt a policy from a day on. Every school of the authority is looked at again on that day."""
    body = {"name": name, "reason": reason, **({"from": day(since)} if since else {})}
    if kind is Kind.category:
        body["inherit"] = inherit
    told_of(Api(data).post("membership", f"/authorities/{authority}/policies/{kind.value}", body), as_json)


Version = Annotated[int, typer.Argument(help="The number that `policy list` shows.")]


@policy.command("correct")
def correct_policy(
    kind: Kind,
    authority: Authority,
    version: Version,
    reason: Annotated[str, typer.Option(help="Why; it is kept with what had been entered before.")],
    name: Annotated[str | None, typer.Option(help="The policy that it really was.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="The day from which it really applied.")] = None,
    inherit: Annotated[str | None, typer.Option(help="For categories: converters, always or never.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put a policy right that was adopted by mistake, for the days that have gone too. What is left out stays."""
    body: dict[str, Any] = {
        "reason": reason,
        **({"name": name} if name else {}),
        **({"inherit": inherit} if inherit else {}),
    }
    body |= {"from": day(since)} if since else {}
    told_of(
        Api(data).post("membership", f"/authorities/{authority}/policies/{kind.value}/{version}/correct", body), as_json
    )


@policy.command("withdraw")
def withdraw_policy(
    kind: Kind,
    authority: Authority,
    version: Version,
    reason: Annotated[str, typer.Option(help="Why it should never have been adopted.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take back a policy: what applied before goes on, and what it decided meanwhile is decided again."""
    path = f"/authorities/{authority}/policies/{kind.value}/{version}/withdraw"
    told_of(Api(data).post("membership", path, {"reason": reason}), as_json)


@outcome.command()
def withdraw(
    inspection_number: Annotated[str, typer.Argument(help="The number of the inspection.")],
    reason: Annotated[str, typer.Option(help="Why it should never have been recorded.")],
    kind: Annotated[str, typer.Option(help="graded or ungraded.")] = "graded",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take back an outcome: it counts no more. What was told of it stays told."""
    body = {"kind": kind, "reason": reason}
    told_of(Api(data).post("membership", f"/outcomes/{inspection_number}/withdraw", body), as_json)
    if not as_json:
        console.print("Files that list it change nothing; of one of a later day the duty desk is asked.")


@outcome.command()
def believe(
    inspection_number: Annotated[str, typer.Argument(help="The number of the inspection.")],
    reason: Annotated[str, typer.Option(help="Why the file is right after all.")],
    kind: Annotated[str, typer.Option(help="graded or ungraded.")] = "graded",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Believe a file that lists a withdrawn outcome: it counts again."""
    body = {"kind": kind, "reason": reason}
    told_of(Api(data).post("membership", f"/outcomes/{inspection_number}/believe", body), as_json)


@outcome.command()
def stands(
    inspection_number: Annotated[str, typer.Argument(help="The number of the inspection.")],
    kind: Annotated[str, typer.Option(help="graded or ungraded.")] = "graded",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let a withdrawal stand though a file lists the outcome again."""
    told_of(Api(data).post("membership", f"/outcomes/{inspection_number}/withdrawal-stands", {"kind": kind}), as_json)
