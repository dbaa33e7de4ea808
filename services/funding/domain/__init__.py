"""The rules of the chairs' awards, as pure functions and plain classes."""
