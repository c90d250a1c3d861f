"""The loop that joins payloads, journal and network."""
