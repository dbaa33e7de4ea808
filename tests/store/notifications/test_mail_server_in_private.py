"""To a mail server over the network: encrypted, its certificate proved, signed in; nothing is ever sent in clear (D3.9)."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from services.notifications.channels import Answer
from services.notifications.channels import MailServer as ByMail
from services.notifications.channels import Post as Sending
from services.notifications.settings import NotificationsSettings
from tests.store.notifications.mail import MailServer, serving
from tests.store.notifications.post import Post

NAME, PASSWORD = "consortia", "invented-password"
MAIL = Sending("email", "head@school.example", "A change", "Words.", "one", urgent=False)


def certificate(folder: Path, host: str) -> Path:
    """A key and the certificate that it signs for itself, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@dataclass
class Private:
    """A mail server that takes mail only from who is encrypted and signed in, and how it is reached."""

    server: MailServer
    certificates: Path

    def told(self, **changes: Any) -> dict[str, Any]:
        return {
            "smtp_host": "localhost",
            "smtp_port": self.server.port,
            "smtp_tls": "starttls",
            "smtp_username": NAME,
            "smtp_password": SecretStr(PASSWORD),
            "smtp_certificates": self.certificates,
            "smtp_timeout_seconds": 5,
            **changes,
        }

    async def send(self, **changes: Any) -> Answer:
        return await ByMail(NotificationsSettings(**self.told(**changes))).send(MAIL)


def signs_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    server.event_handler.signed_in.append(data)
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (NAME.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=good)


def speaking(file: Path, **how: Any) -> MailServer:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    return MailServer(how={"tls_context": tls, "authenticator": signs_in, "auth_required": True, **how})


@pytest.fixture
async def private(tmp_path: Path) -> AsyncIterator[Private]:
    file = certificate(tmp_path, "localhost")
    async with serving(speaking(file, require_starttls=True)) as server:
        yield Private(server, file)


async def test_a_mail_goes_over_starttls_once_the_server_was_proved_and_we_signed_in(private: Private):
    answer = await private.send()
    assert (answer.accepted, answer.code) == (True, 250), answer.problem
    assert private.server.receivers == [MAIL.to]


async def test_a_wrong_password_is_ours_to_mend_and_is_tried_again(private: Private):
    answer = await private.send(smtp_password="wrong")
    assert (answer.accepted, answer.for_good, answer.code) == (False, False, 535)
    assert answer.problem == "the mail server refused us (SMTPAuthenticationError)"
    assert private.server.seen == []


@pytest.mark.parametrize("changes", [{"smtp_certificates": None}, {"smtp_host": "127.0.0.1"}], ids=["issuer", "name"])
async def test_a_server_whose_certificate_proves_nothing_gets_no_mail_and_no_password(
    private: Private, changes: dict[str, Any]
):
    answer = await private.send(**changes)
    assert (answer.accepted, answer.for_good) == (False, False)
    assert answer.problem == "the mail server's certificate cannot be trusted"
    assert (private.server.seen, private.server.signed_in) == ([], [])


async def test_a_server_that_offers_no_encryption_gets_no_mail_and_no_password():
    async with serving(MailServer(how={"authenticator": signs_in, "auth_require_tls": False})) as server:
        answer = await Private(server, Path()).send(smtp_certificates=None)
        assert (answer.accepted, answer.problem) == (
            False,
            "the mail server offers no encryption",
        )
        assert (server.seen, server.signed_in) == ([], [])


async def test_a_message_whose_server_is_never_trusted_fails_with_that_reason(post: Post, private: Private):
    """One visible fate: tried by the schedule, then failed, and the reason says what to mend."""
    changes = private.told(smtp_certificates=None)
    await post.notifications.reads(post.reassigned())
    await post.delivers(post.messenger(**changes, message_retry_seconds="0,0"))
    why = "the mail server's certificate cannot be trusted"
    assert {tuple(row) for row in await post.messages("state", "reason")} == {("failed", why)}
    attempts = await post.notifications.rows("select problem, count(*) as tries from letter_attempt group by problem")
    assert [(row.problem, row.tries) for row in attempts] == [(why, 9)]  # three people, three times
    assert private.server.seen == []
