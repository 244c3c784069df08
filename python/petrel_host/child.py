"""What happens in the forked process before the pack's code: streams, the request, environment, limits, import paths."""

import atexit
import json
import os
import resource
import signal
import sys
import threading
import time
import traceback

from petrel_host import linux, place
from petrel_host.python2 import loader


def begin(keeper, channel, stdout, stderr):
    """Never returns."""
    code = 1
    try:
        os.setsid()
        linux.die_with_parent(signal.SIGKILL, keeper)
        for connection, descriptor in ((stdout, 1), (stderr, 2)):
            os.dup2(connection.fileno(), descriptor)
            connection.close()
        signal.set_wakeup_fd(-1)
        request = Channel(channel).receive()
        if request is None:
            os._exit(1)
        settle(request)
        code = perform(request, Channel(channel))
    except BaseException:  # whatever it is, it is told, and the process ends
        traceback.print_exc()
    finally:
        leave(code)


def perform(request, channel):
    from petrel_host import action, sensor  # they import this module

    return {"action": action.run, "sensor": sensor.run}[request["kind"]](request, channel)


def settle(request):
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    if request.get("directory"):
        os.chdir(request["directory"])
    sys.path[:] = import_path(request["paths"])
    # Compiled files go to Petrel's cache: a pack's folder is not ours to write to.
    sys.pycache_prefix = request["cache"]
    loader.watch_over(request["folder"])
    sys.argv = [request["file"]]
    place.settle(request["folder"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_memory(request["memory"])
    if request.get("problem"):
        sys.stderr.write("petrel: %s\n" % request["problem"])


def import_path(given):
    """As StackStorm's PYTHONPATH: installed packages, the pack's own libraries, then the rest of what the interpreter has."""
    own = sys.prefix + os.sep
    installed = [path for path in sys.path if sys.prefix != sys.base_prefix and path.startswith(own)]
    rest = [path for path in sys.path if path not in installed]
    # The host comes first: its names are what packs are promised. `fallback` comes last: what is really installed wins.
    host = rest[:1]
    fallback = os.path.join(host[0], "fallback")
    return host + installed + list(given) + rest[1:] + [fallback]


#: Of the data segment rather than the address space: Go, Java and Node reserve far more of the latter than they ever use.
MEMORY = resource.RLIMIT_DATA if linux.IS_LINUX else resource.RLIMIT_AS

#: Bytes above the limit that are there to report that it was reached.
RESERVE = 64 << 20


def limit_memory(limit):
    if limit <= 0:
        return
    try:
        _, hard = resource.getrlimit(MEMORY)
        highest = limit + RESERVE if hard == resource.RLIM_INFINITY else min(limit + RESERVE, hard)
        resource.setrlimit(MEMORY, (min(limit, highest), highest))
    except (OSError, ValueError):
        pass  # a system that knows no such limit


def lift_memory_limit():
    _, hard = resource.getrlimit(MEMORY)
    resource.setrlimit(MEMORY, (hard, hard))


def leave(code, wait=True):
    """As an interpreter ends, without taking itself apart: threads are waited for and exit functions run."""
    try:
        if wait:
            threading._shutdown()
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(code)


def as_json(value):
    """What cannot be JSON becomes the text that Python prints for it; numbers that JSON does not know become null."""
    try:
        return json.dumps(value, allow_nan=False)
    except Exception:
        pass
    try:
        return json.dumps(json.loads(json.dumps(value), parse_constant=lambda constant: None))
    except Exception:
        return json.dumps(str(value))


class Channel(object):
    """The connection on which this process speaks with Petrel: JSON, one document per line."""

    def __init__(self, connection):
        self.connection = connection
        self.lock = threading.Lock()
        self.owner = os.getpid()
        self.rest = b""

    def receive(self):
        """The next message; None when the other side has gone."""
        pieces = [self.rest]
        while b"\n" not in pieces[-1]:
            chunk = self.connection.recv(1 << 20)
            if not chunk:
                return None
            pieces.append(chunk)
        line, _, self.rest = b"".join(pieces).partition(b"\n")
        return json.loads(line.decode("utf-8"))

    def send(self, text):
        """`text` is JSON without line ends."""
        if os.getpid() != self.owner:
            raise RuntimeError(
                "This process was forked by the pack's own code. Only the process that Petrel started can speak with Petrel: "
                "hand the data to it, for example by a multiprocessing.Queue."
            )
        with self.lock:
            self.connection.sendall(text.encode("ascii") + b"\n")
