"""Forks a keeper for each token that comes on standard input, and knows nothing else. It ends with its standard input."""

import gc
import json
import os
import signal
import sys

from petrel_host import keeper


def serve(address):
    # Who dies is the keepers' own business; so no zombie is left here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    preload()
    gc.collect()
    gc.freeze()  # what is loaded now is never looked at by the collectors of the forks, and so stays shared memory
    tell({"ready": True})
    for token in tokens():
        try:
            pid = os.fork()
        except OSError as error:
            tell({"token": token, "error": "the system starts no further process: %s" % error})
            continue
        if pid == 0:
            keeper.keep(address, token)


def preload():
    """What almost every action needs; loading it here saves each run the time."""
    import argparse  # noqa: F401
    import ast  # noqa: F401
    import base64  # noqa: F401
    import calendar  # noqa: F401
    import copy  # noqa: F401
    import csv  # noqa: F401
    import datetime  # noqa: F401
    import decimal  # noqa: F401
    import email.message  # noqa: F401
    import glob  # noqa: F401
    import hashlib  # noqa: F401
    import http.client  # noqa: F401
    import itertools  # noqa: F401
    import random  # noqa: F401
    import shlex  # noqa: F401
    import shutil  # noqa: F401
    import ssl  # noqa: F401
    import string  # noqa: F401
    import subprocess  # noqa: F401
    import tempfile  # noqa: F401
    import urllib.request  # noqa: F401
    import uuid  # noqa: F401
    import xml.etree.ElementTree  # noqa: F401

    import st2common.runners.base_action  # noqa: F401
    import st2reactor.sensor.base  # noqa: F401
    from petrel_host import action, sensor  # noqa: F401


def tokens():
    # Not sys.stdin: what it had read ahead would be in every fork.
    rest = b""
    while True:
        chunk = os.read(0, 65536)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode("ascii")


def tell(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
