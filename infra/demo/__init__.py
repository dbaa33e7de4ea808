"""The demo: real registers and outcomes of two authorities, invented bodies and people, and two stories."""
