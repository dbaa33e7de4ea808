"""The mailbox of a local stack: bounded, private, and a page that says nothing it was not meant to say."""

import asyncio
import html
import stat
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import aiosmtplib

from infra.local import mailbox_server
from infra.local.mailbox_server import KEPT, Kept, Mail, answer, listing, one


def mail(number: int = 1, **changes: object) -> Mail:
    known: dict[str, object] = {
        "number": number,
        "received_at": "2026-06-10T08:00:00+00:00",
        "kind": "email",
        "to": ["head@school.example"],
        "sender": "consortia@council.example",
        "subject": "A change",
        "message_id": "<1@council.example>",
        "urgent": False,
        "body": "Plain text",
    }
    return Mail(**{**known, **changes})  # type: ignore[arg-type]


class Tags(HTMLParser):
    """The tags of a page, and the addresses that it asks for."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("href", "src", "action")]


def test_what_came_by_mail_is_text_on_the_page_and_never_markup():
    evil = '"><script>alert(1)</script><img src=https://elsewhere.example/x>'
    shown = mail(subject=evil, body=evil, to=[evil], sender=evil, message_id=evil, kind=evil, received_at=evil)
    for page in (listing([shown]), one(shown)):
        assert "script" not in Tags(page).tags
        assert "img" not in Tags(page).tags
        assert html.escape("<script>alert(1)</script>") in page


def test_the_pages_have_one_heading_a_language_named_columns_and_no_outside_address():
    for page in (listing([]), listing([mail()]), one(mail())):
        found = Tags(page)
        assert found.tags.count("h1") == 1
        assert '<html lang="en-GB">' in page
        assert all(not address.startswith(("http", "//")) for address in found.addresses)
    assert '<th scope="col">' in listing([mail()])
    assert "<caption>" in listing([mail()])


def test_without_the_key_there_is_no_mailbox():
    """R0.8: mails say what is restricted, and other users of the machine may reach the port."""
    for path in ("/", "/mails.json", "/wrong/mails.json", "/key", "//key/"):
        status, _, content = answer(path, "secret", [mail()])
        assert status == 404
        assert "A change" not in content
    assert answer("/secret/", "secret", [mail()])[0] == 200
    assert '"subject": "A change"' in answer("/secret/mails.json", "secret", [mail()])[2]
    assert "Plain text" in answer("/secret/mail-1", "secret", [mail()])[2]
    assert answer("/secret/mail-2", "secret", [mail()])[0] == 404


def known(subject: str) -> dict[str, object]:
    return {name: value for name, value in vars(mail(subject=subject)).items() if name != "number"}


def test_only_the_newest_are_kept_also_over_a_restart_and_in_the_file(tmp_path: Path):
    path = tmp_path / "mailbox.jsonl"
    kept = Kept(path)
    for number in range(3 * KEPT):
        kept.add(**known(f"Number {number}"))
    assert len(kept.mails) == KEPT
    assert len(path.read_text().splitlines()) <= 2 * KEPT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("a") as file:
        file.write('{"half a li')
    again = Kept(path)
    assert [each.subject for each in again.mails] == [each.subject for each in kept.mails]
    again.add(**known("After"))
    assert again.mails[-1].number == kept.mails[-1].number + 1


async def test_a_mail_that_was_accepted_is_kept(tmp_path: Path):
    kept = Kept(tmp_path / "mailbox.jsonl")
    loop = asyncio.get_running_loop()
    receiving = mailbox_server.Receiving(kept)
    server = await loop.create_server(
        lambda: mailbox_server.SMTP(receiving, hostname="localhost", loop=loop), "127.0.0.1"
    )
    sent = EmailMessage()
    sent["From"], sent["To"], sent["Subject"] = "a@b.example", "head@school.example", "A change – told"
    sent["X-Consortia-Kind"], sent["Importance"] = "text", "high"
    sent.set_content("Plain – text\n")
    port = server.sockets[0].getsockname()[1]
    await aiosmtplib.send(sent, hostname="127.0.0.1", port=port, start_tls=False)
    server.close()
    (found,) = Kept(kept.path).mails
    assert (found.subject, found.body, found.kind, found.urgent) == ("A change – told", "Plain – text\n", "text", True)
