"""Forks a keeper for each token that comes on standard input, and knows nothing else. It ends with its standard input."""

import gc
import importlib
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


#: What almost every action needs; loading it here saves each run the time.
PRELOADED = (
    "argparse ast base64 calendar copy csv datetime decimal email.message glob hashlib http.client itertools random shlex shutil ssl string "
    "subprocess tempfile urllib.request uuid xml.etree.ElementTree "
    "petrel_host.action petrel_host.sensor st2common.runners.base_action st2reactor.sensor.base"
).split()


def preload():
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            pass  # a Python built without it, e.g. without SSL; what needs it says so


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
