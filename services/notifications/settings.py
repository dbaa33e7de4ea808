"""What only notifications is told by its environment, read once."""

from datetime import timedelta
from functools import cache

from pydantic_settings import BaseSettings, SettingsConfigDict

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

    @property
    def allowed(self) -> frozenset[str]:
        return parse_allowed(self.webhook_allow)

    @property
    def schedule(self) -> tuple[timedelta, ...]:
        if not self.webhook_retry_seconds:
            return SCHEDULE
        return tuple(timedelta(seconds=float(each)) for each in self.webhook_retry_seconds.split(","))

    def trace_url(self, trace_id: str | None) -> str | None:
        if trace_id is None or not self.zipkin_url:
            return None
        return f"{self.zipkin_url.rstrip('/').removesuffix('/zipkin')}/zipkin/traces/{trace_id}"


@cache
def settings() -> NotificationsSettings:
    return NotificationsSettings()
