"""The errors of StackStorm's command line, which packs raise."""


class ResourceCommandException(Exception):
    pass


class ResourceNotFoundError(Exception):
    pass
