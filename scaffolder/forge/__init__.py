"""Forges: one small protocol, one adapter a file."""
