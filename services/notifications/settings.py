"""What only notifications is told by its environment, read once."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notifications.domain.message import TEXT
from services.notifications.domain.retry import SCHEDULE
from services.notifications.domain.target import parse_allowed


class NotificationsSettings(BaseSettings):
    """CONSORTIA_... in the environment. Durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="CONSORTIA_", extra="ignore")

    webhook_allow: str = ""  # host:port,host:port of receivers that may be private and without TLS
    webhook_retry_seconds: str = ""  # the schedule as 5,300,1800; empty: the published one
    webhook_timeout_seconds: float = 8.0  # for one attempt from its first byte to its last
    webhook_at_once: int = 32  # connections at a time
    zipkin_url: str | None = None  # where a trace can be looked at

    smtp_host: str | None = None  # without one no message can be sent, and each says so
    smtp_port: int = 25
    smtp_tls: Literal["none", "starttls", "tls"] = "none"  # anything but a server of this machine wants starttls or tls
    smtp_certificates: Path | None = None  # of whom the server's certificate may come; none: whom the machine trusts
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout_seconds: float = 20.0
    mail_from: str = "Consortia <consortia@localhost>"
    text_mail_domain: str = ""  # of the gateway that makes texts of mails; empty: no texts
    message_retry_seconds: str = ""  # the schedule as 5,300,1800; empty: as for webhooks
    message_settle_seconds: float = 1.0  # what belongs together comes a moment apart
    telling_patience_seconds: float = 900.0  # how long a stage of the order of telling waits for the one before
    pages_url: str = ""  # where the links in messages lead; empty as long as there are no pages: words say whom to ask

    @property
    def allowed(self) -> frozenset[str]:
        return parse_allowed(self.webhook_allow)

    @property
    def schedule(self) -> tuple[timedelta, ...]:
        return _schedule(self.webhook_retry_seconds)

    @property
    def message_schedule(self) -> tuple[timedelta, ...]:
        return _schedule(self.message_retry_seconds)

    @property
    def patience(self) -> timedelta:
        return timedelta(seconds=self.telling_patience_seconds)

    @property
    def settle(self) -> timedelta:
        return timedelta(seconds=self.message_settle_seconds)

    def no_channel(self, channel: str) -> str | None:
        """Why nothing can be sent this way, if nothing can."""
        if self.smtp_host is None:
            return "no mail server is set up"
        if channel == TEXT and not self.text_mail_domain:
            return "no text gateway is set up"
        return None

    def trace_url(self, trace_id: str | None) -> str | None:
        if trace_id is None or not self.zipkin_url:
            return None
        return f"{self.zipkin_url.rstrip('/').removesuffix('/zipkin')}/zipkin/traces/{trace_id}"


def _schedule(seconds: str) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=float(each)) for each in seconds.split(",")) if seconds else SCHEDULE


@cache
def settings() -> NotificationsSettings:
    return NotificationsSettings()
