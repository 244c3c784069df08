"""Pools, by the name that eventlet has for them."""

from eventlet import GreenPool  # noqa: F401
