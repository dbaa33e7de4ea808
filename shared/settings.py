"""What a service is told by its environment, read once at the start."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """The environment of one service process. Durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="CONSORTIA_", extra="ignore")

    database_url: str
    owner_database_url: str | None = None
    kafka_bootstrap: str = "127.0.0.1:29092"
    kafka_username: str | None = None
    kafka_password: str | None = None
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    replica: str = "0"
    token_key: Path | None = None
    test_clock: bool = False
    webhook_allow: str = ""
    zipkin_url: str | None = None
    pool_size: int = 8
    lease_seconds: float = 10.0
    session_timeout_seconds: float = 10.0
    patience_seconds: float = 15.0  # without an answer: then a connection counts as dead; a batch takes two at the most
    relay_batch: int = 1000
    inbox_batch: int = 500
    traces_exporter: str = Field(default="none", validation_alias=AliasChoices("OTEL_TRACES_EXPORTER"))
    import_sampling: float = 0.01
