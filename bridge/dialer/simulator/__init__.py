"""The dialler's pacing tried out against modelled customers, before it calls people: `docs/pacing.md`.

Seeded and driven by events; the same seed gives the same customers to every policy.
"""
