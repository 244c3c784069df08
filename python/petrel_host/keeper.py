"""Looks after one process of a pack, from its birth to its end.

It stands between Petrel and that process so that nothing escapes: as the adopter of orphans it finds every descendant, whatever sessions
or groups they made; and it outlives the fork server, so that a crash of that one harms no run. The control connection says
`{"end": SECONDS}` (terminate all, kill what is left after that time); when it closes, Petrel is gone and all is killed at once. The answer is
one line, `{"exit": CODE, "signal": NUMBER, "peak": KILOBYTES}`. What a process leaves running after an end of its own is left alone.
"""

import json
import os
import select
import signal
import socket
import time

from petrel_host import child, linux

#: Seconds between two looks at what is left while all is being ended.
PAUSE = 0.02

#: Seconds after which what cannot be killed (it runs as another user) is given up.
GIVE_UP = 2


def keep(address, token):
    """Never returns."""
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        linux.adopt_orphans()
        silence()
        control = connect(address, token, "control")
        streams = [connect(address, token, name) for name in ("channel", "stdout", "stderr")]
        keeper = os.getpid()
        pid = os.fork()
        if pid == 0:
            control.close()
            child.begin(keeper, *streams)
        for stream in streams:
            stream.close()
        control.sendall(json.dumps({"pid": pid}).encode("ascii") + b"\n")
        control.sendall(json.dumps(Watch(control, pid).until_the_end()).encode("ascii") + b"\n")
        os._exit(0)
    except OSError:
        # Petrel is gone, and with it whoever wanted to know.
        kill(everything_below(None), signal.SIGKILL)
        os._exit(1)
    finally:
        os._exit(2)


def connect(address, token, name):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(address)
    connection.sendall(("%s %s\n" % (token, name)).encode("ascii"))
    return connection


def silence():
    """The fork server's input and output are not ours."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)


class Watch(object):
    def __init__(self, control, pid):
        self.control = control
        self.pid = pid
        self.end = None
        self.kill_at = None
        self.wakeup, writing = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(writing, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def until_the_end(self):
        while True:
            self.reap()
            if self.kill_at is None:
                if self.end is not None:
                    return self.end
                self.wait(None)
                continue
            left = everything_below(self.pid)
            if not left and self.end is not None:
                return self.end
            late = time.monotonic() - self.kill_at
            if late >= 0:
                kill(left, signal.SIGKILL)
            if late >= GIVE_UP:
                return self.end or {"exit": None, "signal": int(signal.SIGKILL), "peak": 0}
            self.wait(PAUSE)

    def reap(self):
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.pid:
                signaled = os.WIFSIGNALED(status)
                self.end = {
                    "exit": None if signaled else os.WEXITSTATUS(status),
                    "signal": os.WTERMSIG(status) if signaled else None,
                    "peak": usage.ru_maxrss,
                }

    def wait(self, seconds):
        heard = [self.wakeup] if self.control is None else [self.wakeup, self.control]
        ready, _, _ = select.select(heard, [], [], seconds)
        if self.wakeup in ready:
            os.read(self.wakeup, 4096)
        if self.control is None or self.control not in ready:
            return
        order = self.control.recv(4096)
        if not order:
            self.kill_at = time.monotonic()
            self.control = None  # a closed connection is readable for ever
        elif self.kill_at is None:
            self.kill_at = time.monotonic() + json.loads(order.decode("ascii"))["end"]
            kill(everything_below(self.pid), signal.SIGTERM)


def everything_below(pid):
    """All descendants of this process; without a /proc the process group of the one it looks after."""
    found = linux.descendants(os.getpid())
    if found is not None or pid is None:
        return found or []
    try:
        os.killpg(pid, 0)
        return [-pid]
    except OSError:
        return []


def kill(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass  # it is gone, or belongs to another user
