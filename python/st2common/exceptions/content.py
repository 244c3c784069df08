"""Errors of content."""


class ParseException(ValueError):
    """A command does not match a format."""
