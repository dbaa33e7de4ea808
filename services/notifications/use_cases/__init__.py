"""One function an intent: what happens in one transaction; none commits."""
