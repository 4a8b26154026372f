"""Figures for Prometheus: counted from the event log, and read from the store when they are asked for."""
