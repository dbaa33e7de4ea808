"""Meetings: who belongs to which meeting, what is on its agenda, and each area's lists of schools."""
