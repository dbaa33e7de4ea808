"""A real mail server on this machine that can refuse, fail, cut the line and go away; and a sender that writes to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    """Takes every mail by `answer_data`, refuses receivers by `answer_rcpt`; `cut` ends the connection after DATA."""

    answer_rcpt: Callable[[str], str] = lambda address: "250 OK"
    answer_data: Callable[[EmailMessage], str] = lambda mail: "250 OK"
    cut: bool = False
    mails: list[EmailMessage] = field(default_factory=list)  # what was accepted, in order
    seen: list[EmailMessage] = field(default_factory=list)  # whatever came as far as DATA
    port: int = 0
    how: dict[str, Any] = field(default_factory=dict)  # TLS and signing in, as the server's own arguments
    signed_in: list[Any] = field(default_factory=list)  # what was said by whoever tried to
    _server: Any = None
    _lines: list[SMTP] = field(default_factory=list)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = self.answer_rcpt(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail: EmailMessage = BytesParser(policy=default).parsebytes(envelope.content)  # type: ignore[assignment]
        self.seen.append(mail)
        if self.cut:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        answer = self.answer_data(mail)
        if answer.startswith("2"):
            self.mails.append(mail)
        return answer

    async def start(self) -> None:
        loop = asyncio.get_running_loop()

        def line() -> SMTP:
            self._lines.append(SMTP(self, hostname="localhost", loop=loop, **self.how))
            return self._lines[-1]

        self._server = await loop.create_server(line, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Gone: nobody listens on the port until `start`."""
        for each in self._lines:
            if each.transport is not None:
                each.transport.abort()
        self._lines.clear()
        if self._server is not None:
            self._server.close()
            self._server = None

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    @property
    def receivers(self) -> list[str]:
        return [str(mail["To"]) for mail in self.mails]


@asynccontextmanager
async def serving(server: MailServer) -> AsyncIterator[MailServer]:
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def body_of(mail: EmailMessage) -> str:
    return str(mail.get_content())
