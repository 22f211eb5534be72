"""Longer experiments behind the commands."""
