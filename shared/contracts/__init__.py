"""The published language of the four services: events, envelope, topics."""
