"""The logger of Python actions."""

import logging as stdlib_logging

from st2common import log as logging

__all__ = ["get_logger_for_python_runner_action"]

#: The level that the run asked for; loggers that are made later take it over.
_levels = {}


def get_logger_for_python_runner_action(action_name, log_level=None):
    """`st2.actions.python.NAME`, which writes to standard error."""
    logger = logging.getLogger("actions.python.%s" % action_name)
    if log_level is not None:
        _levels[action_name] = log_level
    logger.setLevel(logging.level_of(log_level or _levels.get(action_name, "debug")))
    if not logger.handlers:
        handler = stdlib_logging.StreamHandler()
        handler.setFormatter(stdlib_logging.Formatter("%(name)-12s: %(levelname)-8s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    return logger
