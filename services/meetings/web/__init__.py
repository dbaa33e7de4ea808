"""The HTTP surface of meetings."""
