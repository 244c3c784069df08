"""`from eventlet.green import socket`: the standard library's, which threads may use as they are."""

import importlib


def __getattr__(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        raise AttributeError(name)
