"""How long schools wait for somebody to accept: a measure of the service, never of a person, so it has no labels."""

from prometheus_client import Histogram

from shared.metrics import REGISTRY

CALL_MINUTES = Histogram(
    "consortia_inspection_call_minutes",
    "Minutes in school hours from a school's call until somebody had accepted",
    registry=REGISTRY,
    buckets=(5, 10, 15, 30, 60, 120, 240, 540),
)
