"""Text and bytes."""

__all__ = ["to_unicode", "to_ascii"]


def to_unicode(value):
    return value.decode("utf-8") if isinstance(value, bytes) else value


def to_ascii(value):
    return value.encode("ascii", "ignore").decode("ascii")
