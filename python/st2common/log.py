"""Loggers below `st2.`, with StackStorm's level AUDIT, which is above all others."""

import logging

AUDIT = logging.CRITICAL + 10
logging.AUDIT = AUDIT
logging.addLevelName(AUDIT, "AUDIT")

DEBUG, INFO, WARNING, ERROR, CRITICAL = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL

__all__ = ["getLogger", "setup", "level_of", "AUDIT", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


def _audit(self, message, *args, **kwargs):
    if self.isEnabledFor(AUDIT):
        self._log(AUDIT, message, args, **kwargs)


logging.Logger.audit = _audit


def getLogger(name):
    """As logging.getLogger, below `st2.`."""
    return logging.getLogger(name if name == "st2" or name.startswith("st2.") else "st2.%s" % name)


def setup(*args, **kwargs):
    """Petrel sets up its logs itself."""


def level_of(name):
    level = logging.getLevelName(str(name).upper())
    return level if isinstance(level, int) else logging.DEBUG
