"""The rules of meetings, agendas and area lists: pure functions and plain classes."""
