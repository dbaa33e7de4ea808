"""The HTTP edge of notifications."""
