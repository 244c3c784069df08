"""StackStorm's switch to green threads, which nothing here needs."""

__all__ = ["monkey_patch"]


def monkey_patch(*args, **kwargs):
    pass
