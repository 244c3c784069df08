"""What Linux can do for a parent of processes, and other systems cannot. Elsewhere these do nothing or answer nothing."""

import os
import sys

try:
    import ctypes
except ImportError:  # a Python built without it
    ctypes = None

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

IS_LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX and ctypes is not None else None


def adopt_orphans():
    """Whatever a descendant leaves behind becomes our child, also when it made a session of its own."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(signal_number, parent):
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def descendants(ancestor):
    """The ids of all living processes below one, as /proc has them now; None where there is no /proc."""
    children = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return None
    for name in names:
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, "rb") as file:
                # The command, in parentheses, may hold anything: what counts is behind the last one.
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state not in (b"Z", b"X"):
            children.setdefault(int(parent), []).append(int(name))
    if not children:
        return None
    found = []
    open_ends = [ancestor]
    while open_ends:
        below = children.get(open_ends.pop(), [])
        found.extend(below)
        open_ends.extend(below)
    return found
