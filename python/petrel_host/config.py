"""The pack's configuration as its code sees it."""


class MissingKey(ValueError, KeyError):
    """StackStorm raises a ValueError. Code of packs that is also run with a plain dictionary, as in their tests, awaits a KeyError."""

    __str__ = ValueError.__str__


# Tracebacks and errors tell it as what StackStorm raises.
MissingKey.__name__ = MissingKey.__qualname__ = "ValueError"
MissingKey.__module__ = "builtins"


class PackConfig(dict):
    """A dictionary that says which pack lacks which key."""

    def __init__(self, pack, values):
        super(PackConfig, self).__init__(values or {})
        self._pack = pack

    def __getitem__(self, key):
        if key not in self:
            raise MissingKey(
                'Config for pack "%s" is missing key "%s". Make sure that the configuration file of the pack exists and '
                "contains that key." % (self._pack, key)
            )
        return super(PackConfig, self).__getitem__(key)
