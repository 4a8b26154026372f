"""The audit trail: who asked for what, from where, and what came of it."""
