"""The errors that packs raise and catch by StackStorm's names."""


class StackStormBaseException(Exception):
    pass


class StackStormPluginException(StackStormBaseException):
    pass
