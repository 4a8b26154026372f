"""Telling other systems what happened: from the event log, at least once, in order for each subject.

What is told, and to whom, is a `Source`'s to say; here is only that it gets there.
"""
