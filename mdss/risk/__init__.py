"""Collision probability of a conjunction, and how far it can be trusted."""
