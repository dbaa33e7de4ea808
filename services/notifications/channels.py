"""How a message leaves the house: the port, and its one way out today, a mail server (D3.9).

A text message goes by the same server, as a mail to the telephone number at the domain of a text gateway.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr

import aiosmtplib

from services.notifications.domain.message import EMAIL, TEXT
from services.notifications.settings import NotificationsSettings

KIND_HEADER = "X-Consortia-Kind"


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be sent: the address on the day of sending, and the same id at every attempt."""

    channel: str
    to: str
    subject: str
    body: str
    message_id: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the server took it; else why not, and whether it would refuse it again."""

    at: datetime
    took_ms: int
    code: int | None = None
    problem: str | None = None
    for_good: bool = False

    @property
    def accepted(self) -> bool:
        return self.problem is None


Channel = Callable[[Post], Awaitable[Answer]]


class MailServer:
    """Sends by SMTP: one connection a mail, since there are few and a kept one may be dead."""

    def __init__(self, settings: NotificationsSettings):
        self.settings = settings

    async def send(self, post: Post) -> Answer:
        """Never raises for what a server or the network does: that is an answer too."""
        at, began = datetime.now(UTC), time.monotonic()
        code: int | None = None
        problem: str | None = None
        for_good = False
        try:
            async with asyncio.timeout(self.settings.smtp_timeout_seconds):
                await self._hand_over(post)
            code = 250
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = refused.recipients[0].code
            problem, for_good = "the mail server refused the receiver", 500 <= code < 600
        except aiosmtplib.SMTPDataError as refused:
            code = refused.code
            problem, for_good = "the mail server refused the message", 500 <= code < 600
        except aiosmtplib.SMTPResponseException as refused:
            # Sign-in, sender, greeting: ours to mend, so it is tried again.
            code, problem = refused.code, f"the mail server refused us ({type(refused).__name__})"
        except ssl.SSLCertVerificationError:
            problem = "the mail server's certificate cannot be trusted"
        except TimeoutError:
            problem = f"no answer within {self.settings.smtp_timeout_seconds:g} seconds"
        except (aiosmtplib.SMTPException, OSError) as trouble:
            # The kind only: what a server says may repeat an address.
            no_encryption = "STARTTLS" in str(trouble)
            problem = "the mail server offers no encryption" if no_encryption else type(trouble).__name__
        except (ValueError, UnicodeError):
            problem, for_good = "the address is not one that mail can be sent to", True
        return Answer(at, round((time.monotonic() - began) * 1000), code, problem, for_good)

    async def _hand_over(self, post: Post) -> None:
        told = self.settings
        assert told.smtp_host is not None
        await aiosmtplib.send(
            mail(post, told.mail_from, told.text_mail_domain),
            hostname=told.smtp_host,
            port=told.smtp_port,
            username=told.smtp_username,
            password=told.smtp_password.get_secret_value() if told.smtp_password else None,
            use_tls=told.smtp_tls == "tls",
            start_tls=told.smtp_tls == "starttls",
            cert_bundle=str(told.smtp_certificates) if told.smtp_certificates else None,
            timeout=told.smtp_timeout_seconds,
        )


def mail(post: Post, sender: str, text_domain: str) -> EmailMessage:
    """The mail as the server gets it. Raises ValueError for an address that none can be sent to."""
    found = EmailMessage(policy=SMTP_POLICY)
    found["From"] = sender
    found["To"] = _telephone(post.to, text_domain) if post.channel == TEXT else _address(post.to)
    found["Subject"] = post.subject
    found["Message-ID"] = f"<{post.message_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    found["Date"] = format_datetime(datetime.now(UTC))
    found["Auto-Submitted"] = "auto-generated"
    found[KIND_HEADER] = post.channel
    if post.urgent:
        found["Importance"] = "high"
    found.set_content(post.body, cte="quoted-printable" if post.channel == EMAIL else None)
    return found


def _address(address: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+", address):
        raise ValueError("no address")
    return address


def _telephone(number: str, domain: str) -> str:
    digits = re.sub(r"[\s()\-.]", "", number)
    if not re.fullmatch(r"\+?\d{7,15}", digits):
        raise ValueError("no telephone number")
    return f"{digits}@{domain}"
