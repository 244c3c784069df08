"""Words of a shell, and programs."""

import os
import shlex
import signal
import subprocess

__all__ = ["quote_unix", "quote_windows", "run_command"]


def quote_unix(value):
    return shlex.quote(value.strip())


def quote_windows(value):
    """As subprocess does it on Windows."""
    return subprocess.list2cmdline([value.strip()])


def run_command(cmd, stdin=None, stdout=subprocess.PIPE, stderr=subprocess.PIPE, shell=False, cwd=None, env=None,
                timeout=60, **kwargs):
    """Runs a program; answers its exit code, standard output and standard error. On the time limit the exit code is -9."""
    process = subprocess.Popen(cmd, stdin=stdin, stdout=stdout, stderr=stderr, shell=shell, cwd=cwd,
                               env=os.environ.copy() if env is None else env, start_new_session=True)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # also what it started, which would hold the output open
        out, err = process.communicate()
    return process.returncode, _text(out), _text(err)


def _text(data):
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else data
