"""Locks between actions: `with get_coordinator().get_lock(name):`. They hold within one node of Petrel; StackStorm's default locks nothing."""

import fcntl
import hashlib
import os
import time

from petrel_host import place

__all__ = ["get_coordinator", "get_coordinator_if_set", "configured"]

#: Seconds between two looks at a lock that is waited for with a limit.
_PAUSE = 0.05


class Lock(object):
    def __init__(self, name):
        self.name = name if isinstance(name, str) else name.decode("utf-8")
        self._file = None

    def acquire(self, blocking=True):
        """Whether it is held now. `blocking`: False does not wait, a number waits that many seconds."""
        folder = place.lock_folder()
        os.makedirs(folder, exist_ok=True)
        file = open(os.path.join(folder, hashlib.sha256(self.name.encode("utf-8")).hexdigest()), "w")
        if blocking is True:
            fcntl.flock(file, fcntl.LOCK_EX)
            held = True
        else:
            held = self._try(file, time.monotonic() + float(blocking))
        if held:
            self._file = file
        else:
            file.close()
        return held

    def release(self):
        if self._file is None:
            return False
        self._file.close()
        self._file = None
        return True

    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *error):
        self.release()

    @staticmethod
    def _try(file, until):
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except OSError:
                if time.monotonic() >= until:
                    return False
                time.sleep(_PAUSE)


class Coordinator(object):
    def get_lock(self, name):
        return Lock(name)

    def start(self, start_heart=False):
        pass

    def stop(self):
        pass


_coordinator = Coordinator()


def configured():
    return True


def get_coordinator(*args, **kwargs):
    return _coordinator


get_coordinator_if_set = get_coordinator
