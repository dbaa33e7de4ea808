"""Keeping what other services say. Each module writes its tables and nothing else.

Each statement takes the whole list of a wave. A list holds one event of a key at most, and the events of a key come in
order, so the last word on a row is the latest.
"""
