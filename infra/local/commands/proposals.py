"""What officers are asked: to confirm or decline a proposed category, to keep or lift the authority's own."""

from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import AsJson, Data, a_day, print_json, print_table
from infra.local.commands.schools import la_category

proposal = typer.Typer(
    help="Confirm or decline what a published outcome proposes, or take that back.", no_args_is_help=True
)

Authority = Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")]
Proposal = Annotated[str, typer.Argument(help="The proposal's number; `consortia proposals` lists them.")]
Entered = Annotated[str, typer.Argument(help="The entry's number; `consortia reviews` lists them.")]
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


@enters(proposal, "confirm")
def confirm(
    proposal_id: Proposal,
    since: Annotated[str | None, a_day("--from", "The day from which it is in force; else today.")] = None,
) -> Entry:
    """The proposed category is in force from that day."""
    return Entry(f"/proposals/{proposal_id}/confirm", {"from": since})


@enters(proposal, "decline")
def decline(
    proposal_id: Proposal, reason: Annotated[str, typer.Option(help="Why; it stays with membership.")]
) -> Entry:
    """The category stays what it is."""
    return Entry(f"/proposals/{proposal_id}/decline", {"reason": reason})


@enters(proposal, "take-back")
def take_back(
    proposal_id: Proposal, reason: Annotated[str, typer.Option(help="Why it was answered by mistake.")]
) -> Entry:
    """Take back that a proposal was confirmed or declined: what is to be asked is proposed anew."""
    return Entry(f"/proposals/{proposal_id}/take-back", {"reason": reason})


@enters(la_category, "keep")
def keep(
    entry_id: Entered,
    review_on: Annotated[str, a_day("--review-on", "When to ask again.")],
    reason: Annotated[str, typer.Option(help="Why it stands; it stays with membership.")],
) -> Entry:
    """The authority's own category stands until another review date."""
    return Entry(f"/la-category/{entry_id}/keep", {"review_on": review_on, "reason": reason})


def _print(found: list[dict[str, object]], columns: list[str], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_table([name.replace("_", " ") for name in columns], [[each[name] for name in columns] for each in found])
