"""What a service counts about itself, for /metrics. Alert rules and runbooks use these names."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REGISTRY = CollectorRegistry()

OUTBOX_DEPTH = Gauge(
    "consortia_outbox_depth", "Rows that wait in the outbox for the broker", ["service"], registry=REGISTRY
)
OUTBOX_AGE = Gauge(
    "consortia_outbox_oldest_seconds", "Age of the oldest row in the outbox", ["service"], registry=REGISTRY
)
RELAY_SENT = Counter("consortia_relay_sent", "Records that the broker has acknowledged", ["service"], registry=REGISTRY)
INBOX_RECORDS = Counter(
    "consortia_inbox_records",
    "Records by their fate: applied, duplicate, ignored, parked, waiting, gap, fork, aside",
    ["service", "fate"],
    registry=REGISTRY,
)
PARKED = Gauge("consortia_parked", "Messages kept in parking, by status", ["service", "status"], registry=REGISTRY)
GAP_AGE = Gauge(
    "consortia_inbox_oldest_gap_seconds",
    "How long the oldest record has waited for one before it that has not come",
    ["service"],
    registry=REGISTRY,
)
DELIVERIES = Counter(
    "consortia_deliveries",
    "Webhook deliveries by outcome: sent, failed, refused, paused",
    ["service", "outcome"],
    registry=REGISTRY,
)
HTTP_SECONDS = Histogram(
    "consortia_http_seconds",
    "Time from request to answer",
    ["service", "method", "route", "status"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)


def exposition() -> tuple[bytes, str]:
    """The page that Prometheus reads, and its media type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
