"""Where the running pack lies, and where its neighbours do."""

import os
import sys
import tempfile

_folder = None


def settle(folder):
    """The folder of the pack whose code runs here."""
    global _folder
    _folder = folder


def pack_folder():
    """Its own tests run in the pack's folder."""
    return _folder or os.getcwd()


def packs_folder():
    return os.path.dirname(pack_folder())


def lock_folder():
    """Beside the compiled files, so that all processes of one Petrel meet there."""
    return os.path.join(sys.pycache_prefix or tempfile.gettempdir(), "locks")
