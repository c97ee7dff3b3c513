"""Consistency checks on an answer: what of it is found in the passages it was given."""
