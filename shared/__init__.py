"""What a service is built on. Knows no service."""
