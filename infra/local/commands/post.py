"""What was written to people, and what waits for an officer's word: mailbox, held."""

from typing import Annotated

import typer

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.mailbox import Mailbox
from infra.local.secret import Secrets


def mailbox(
    show: Annotated[int | None, typer.Option(help="The number of one message, to read it whole.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The messages to people that this stack has sent: all of them end in its own mailbox."""
    api = Api(data)
    found = Mailbox(api.state, api.ports.smtp, api.ports.mailbox, Secrets(api.state / "secrets.json"))
    mails = [mail for mail in found.mails() if show is None or mail["number"] == show]
    if as_json:
        print_json(mails)
        return
    if show is not None:
        for mail in mails:
            console.print(f"To: {', '.join(mail['to'])}\nSubject: {mail['subject']}\n\n{mail['body']}", markup=False)
        return
    print_table(
        ["no.", "received", "kind", "to", "subject"],
        [
            [
                m["number"],
                m["received_at"],
                m["kind"] + (", urgent" if m["urgent"] else ""),
                ", ".join(m["to"]),
                m["subject"],
            ]
            for m in mails
        ],
    )
    console.print(f"In a browser: {found.url}", soft_wrap=True, highlight=False)


def held(
    authority: Annotated[str, typer.Argument(help="Code of the authority, for instance 937.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """What waits until an officer records that the school was told, the oldest first."""
    waiting = Api(data).get("membership", "/held", authority=authority)
    if as_json:
        print_json(waiting)
        return
    print_table(
        ["school", "class", "waits since", "working days", "change"],
        [[each["urn"], each["class"], each["since"], each["working_days"], each["correlation_id"]] for each in waiting],
        f"{len(waiting)} changes of which schools in authority {authority} were not told",
    )
    if waiting:
        console.print(
            "When the school was told: school told URN --on DATE; with --preview it shows first who would hear what",
            highlight=False,
        )
