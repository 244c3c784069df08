"""StackStorm's programs that do not hold up its green threads. Here each action has a process of its own."""

from st2common.util import shell

__all__ = ["run_command"]


def run_command(cmd, timeout=60, **kwargs):
    """Exit code, standard output, standard error, and whether the time limit ended it."""
    code, out, err = shell.run_command(cmd, timeout=timeout, **kwargs)
    return code, out, err, code == -9
