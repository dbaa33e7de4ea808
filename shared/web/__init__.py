"""The HTTP edge of every service: routes with policies, problems, idempotency, health."""
