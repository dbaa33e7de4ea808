"""Rows to aggregates and back, and the SQL behind what is shown."""
