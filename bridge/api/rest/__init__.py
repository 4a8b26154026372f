"""JSON under `/v1`."""
