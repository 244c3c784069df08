"""Queues, by the name that eventlet has for them."""

from queue import *  # noqa: F401,F403
