"""The part of `eventlet` that sensors and actions of packs use, on threads: StackStorm brings it along, so packs do not ask for it."""

import threading
import time
from concurrent.futures import Future
from queue import Queue

__all__ = ["GreenPool", "GreenThread", "Queue", "monkey_patch", "sleep", "spawn", "spawn_after", "spawn_n"]

__version__ = "0.0.0"


def monkey_patch(*args, **kwargs):
    """Threads need no patching."""


def sleep(seconds=0):
    time.sleep(seconds)


class GreenThread(object):
    """What `spawn` answers. It does not keep the process from ending."""

    def __init__(self, function, args, kwargs, delay=0, ended=None):
        self._future = Future()
        self._delay = delay
        self._call = (function, args, kwargs)
        self._ended = ended
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        time.sleep(self._delay)
        function, args, kwargs = self._call
        if self._future.set_running_or_notify_cancel():
            try:
                self._future.set_result(function(*args, **kwargs))
            except BaseException as error:
                self._future.set_exception(error)
        if self._ended is not None:
            self._ended()

    def wait(self):
        """What the function answered; what it raised is raised."""
        return self._future.result()

    def link(self, function, *args, **kwargs):
        self._future.add_done_callback(lambda _: function(self, *args, **kwargs))

    def cancel(self):
        """Of one that has not begun."""
        self._future.cancel()

    kill = cancel

    @property
    def dead(self):
        return self._future.done()


def spawn(function, *args, **kwargs):
    return GreenThread(function, args, kwargs)


def spawn_n(function, *args, **kwargs):
    GreenThread(function, args, kwargs)


def spawn_after(seconds, function, *args, **kwargs):
    return GreenThread(function, args, kwargs, delay=seconds)


class GreenPool(object):
    """At most `size` at one time; `spawn` waits for a place."""

    def __init__(self, size=1000):
        self.size = size
        self._places = threading.Semaphore(size)
        self._changed = threading.Condition()
        self._count = 0

    def spawn(self, function, *args, **kwargs):
        self._places.acquire()
        with self._changed:
            self._count += 1
        return GreenThread(function, args, kwargs, ended=self._leave)

    def spawn_n(self, function, *args, **kwargs):
        self.spawn(function, *args, **kwargs)

    def _leave(self):
        self._places.release()
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def running(self):
        return self._count

    def free(self):
        return self.size - self._count

    def waitall(self):
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0)

    def imap(self, function, *iterables):
        """The answers, in the order of what they answer."""
        threads = [self.spawn(function, *args) for args in zip(*iterables)]
        return (thread.wait() for thread in threads)

    def starmap(self, function, iterable):
        threads = [self.spawn(function, *args) for args in iterable]
        return (thread.wait() for thread in threads)
