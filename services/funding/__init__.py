"""The funding service: chairs' awards on a double-entry ledger."""
