"""What officers are asked: to confirm or decline a proposed category, to keep or lift the authority's own."""

from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, day, print_json, print_table
from infra.local.commands.schools import told_of

proposal = typer.Typer(help="Confirm or decline what a published outcome proposes.", no_args_is_help=True)

Authority = Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")]
Proposal = Annotated[str, typer.Argument(help="The proposal's number; `consortia proposals` lists them.")]
Entry = Annotated[str, typer.Argument(help="The entry's number; `consortia reviews` lists them.")]
Everything = Annotated[bool, typer.Option("--all", help="Also what has been answered.")]


def proposals(authority: Authority, all_: Everything = False, data: Data = None, as_json: AsJson = False) -> None:
    """What published outcomes propose, and since how many days."""
    asked = f"/proposals?authority={authority}&open={str(not all_).lower()}"
    columns = ["proposal_id", "urn", "school_name", "category_in_force", "proposed_category", "inspection_number"]
    _print(Api(data).get("membership", asked), [*columns, "days", "ended"], as_json)


def reviews(authority: Authority, all_: Everything = False, data: Data = None, as_json: AsJson = False) -> None:
    """Which of the authority's own categories an officer is asked to keep or lift, and since how many days."""
    asked = f"/authorities/{authority}/reviews?open={str(not all_).lower()}"
    columns = ["entry_id", "urn", "school_name", "category", "cause", "cause_on"]
    _print(Api(data).get("membership", asked), [*columns, "days", "answer"], as_json)


@proposal.command("confirm")
def confirm(
    proposal_id: Proposal,
    since: Annotated[str | None, typer.Option("--from", help="The day from which it is in force; else today.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The proposed category is in force from that day."""
    body = {"from": day(since)} if since else {}
    told_of(Api(data).post("membership", f"/proposals/{proposal_id}/confirm", body), as_json)


@proposal.command("decline")
def decline(
    proposal_id: Proposal,
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The category stays what it is."""
    told_of(Api(data).post("membership", f"/proposals/{proposal_id}/decline", {"reason": reason}), as_json)


def keep(
    entry_id: Entry,
    review_on: Annotated[str, typer.Option("--review-on", help="When to ask again.")],
    reason: Annotated[str, typer.Option(help="Why it stands; it stays with membership.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The authority's own category stands until another review date."""
    body = {"review_on": day(review_on), "reason": reason}
    told_of(Api(data).post("membership", f"/la-category/{entry_id}/keep", body), as_json)


def _print(found: list[dict[str, object]], columns: list[str], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_table([name.replace("_", " ") for name in columns], [[each[name] for name in columns] for each in found])
