"""The process behind a stack's mailbox: SMTP in, one page out, both on loopback. See `mailbox.py`."""

import asyncio
import hmac
import html
import json
import os
import signal
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
KEPT = int(os.environ.get("CONSORTIA_MAILBOX_KEPT", 500))  # mails; older ones are forgotten
LARGEST_MAIL = 256_000  # bytes

STYLE = """
body { font: 19px/1.5 Arial, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #0b0c0c }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .4em .8em .4em 0;
border-bottom: 1px solid #b1b4b6; vertical-align: top } caption { text-align: left; font-weight: bold }
pre { white-space: pre-wrap; font: inherit } a { color: #1d70b8 } a:focus { outline: 3px solid #fd0; background: #fd0 }
dt { font-weight: bold } dd { margin: 0 0 .5em 0 }
"""


@dataclass(frozen=True)
class Mail:
    """One mail as it was received."""

    number: int
    received_at: str
    kind: str  # email, or text for one that a gateway would make a text message of
    to: list[str]
    sender: str
    subject: str
    message_id: str
    urgent: bool
    body: str


class Kept:
    """The newest mails, in memory and in a file that only its user may read; bounded in both."""

    def __init__(self, path: Path):
        self.path = path
        self.mails: deque[Mail] = deque(maxlen=KEPT)
        self._lines = 0
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    self.mails.append(Mail(**json.loads(line)))
                except (ValueError, TypeError):
                    continue  # half a line of a process that was killed
        self._write_all()

    def add(self, **known: Any) -> None:
        self.mails.append(Mail(self.mails[-1].number + 1 if self.mails else 1, **known))
        if self._lines >= 2 * KEPT:
            self._write_all()
            return
        with _private(self.path, os.O_APPEND) as file:
            file.write(json.dumps(asdict(self.mails[-1]), ensure_ascii=False) + "\n")
        self._lines += 1

    def _write_all(self) -> None:
        beside = self.path.with_name(self.path.name + ".new")
        with _private(beside, os.O_TRUNC) as file:
            file.writelines(json.dumps(asdict(mail), ensure_ascii=False) + "\n" for mail in self.mails)
        beside.replace(self.path)
        self._lines = len(self.mails)


def _private(path: Path, how: int) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600), "w", encoding="utf-8")


class Receiving:
    """Takes every mail for every receiver; a mail is accepted once it is kept."""

    def __init__(self, kept: Kept):
        self.kept = kept

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        mail: EmailMessage = BytesParser(policy=default).parsebytes(content)
        body = mail.get_body(("plain",))
        self.kept.add(
            received_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            kind=str(mail["X-Consortia-Kind"] or "email"),
            to=[str(each) for each in envelope.rcpt_tos],
            sender=str(mail["From"] or ""),
            subject=str(mail["Subject"] or ""),
            message_id=str(mail["Message-ID"] or ""),
            urgent=str(mail["Importance"] or "") == "high",
            body=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
        )
        return "250 OK"


def page(title: str, inside: str) -> str:
    """A whole page. Everything in `inside` that came by mail is escaped by whoever made it."""
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><main><h1>{html.escape(title)}</h1>{inside}</main></body></html>\n"
    )


def listing(mails: list[Mail]) -> str:
    if not mails:
        return page("Mailbox", "<p>Nothing was received yet. Nothing leaves this machine: every message ends here.</p>")
    rows = "".join(
        f"<tr><td>{html.escape(mail.received_at)}</td><td>{html.escape(mail.kind)}{', urgent' * mail.urgent}</td>"
        f"<td>{html.escape(', '.join(mail.to))}</td>"
        f'<td><a href="mail-{mail.number}">{html.escape(mail.subject) or "no subject"}</a></td></tr>'
        for mail in mails
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Received", "Kind", "To", "Subject"))
    caption = f"{len(mails)} messages, the newest first. Nothing leaves this machine."
    return page(
        "Mailbox", f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def one(mail: Mail) -> str:
    shown = {
        "To": ", ".join(mail.to),
        "From": mail.sender,
        "Received": mail.received_at,
        "Kind": mail.kind + (", urgent" if mail.urgent else ""),
        "Message-ID": mail.message_id,
    }
    terms = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in shown.items())
    back = '<p><a href="./">All messages</a></p>'
    return page(mail.subject or "no subject", f"{back}<dl>{terms}</dl><pre>{html.escape(mail.body)}</pre>")


def answer(path: str, key: str, mails: list[Mail]) -> tuple[int, str, str]:
    """Status, type and content for a path; `mails` has the newest first."""
    given, _, rest = path.split("?", 1)[0].strip("/").partition("/")
    if not hmac.compare_digest(given.encode(), key.encode()):
        return (
            404,
            "text/html",
            page("Not found", "<p>The address of the mailbox is printed by `consortia mailbox`.</p>"),
        )
    if rest == "":
        return 200, "text/html", listing(mails)
    if rest == "mails.json":
        return 200, "application/json", json.dumps([asdict(mail) for mail in mails], ensure_ascii=False)
    for mail in mails:
        if rest == f"mail-{mail.number}":
            return 200, "text/html", one(mail)
    return 404, "text/html", page("Not found", '<p><a href="./">All messages</a></p>')


def pages(kept: Kept, key: str, port: int) -> ThreadingHTTPServer:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, content = answer(self.path, key, list(reversed(kept.mails)))
            body = content.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The path holds the key, so no line of it."""

    server = ThreadingHTTPServer((HOST, port), Page)
    server.daemon_threads = True
    return server


async def serve(environment: Mapping[str, str]) -> None:
    kept = Kept(Path(environment["CONSORTIA_MAILBOX_FILE"]))
    loop = asyncio.get_running_loop()
    receiving = Receiving(kept)
    smtp = await loop.create_server(
        lambda: SMTP(receiving, hostname="localhost", data_size_limit=LARGEST_MAIL, loop=loop),
        HOST,
        int(environment["CONSORTIA_MAILBOX_SMTP_PORT"]),
    )
    shown = pages(kept, environment["CONSORTIA_MAILBOX_KEY"], int(environment["CONSORTIA_MAILBOX_PAGE_PORT"]))
    threading.Thread(target=shown.serve_forever, daemon=True).start()
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopping.set)
    await stopping.wait()
    smtp.close()
    shown.shutdown()


if __name__ == "__main__":
    asyncio.run(serve(os.environ))
