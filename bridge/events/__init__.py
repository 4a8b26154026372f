"""The events: their catalogue, the log that keeps them, and the sinks that carry them out."""
