"""HTTP: the line format that callers speak already, and JSON under `/v1`."""
