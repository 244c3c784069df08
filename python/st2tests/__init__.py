"""Base classes for the unit tests of packs, by StackStorm's names."""

from st2tests.base import BaseActionAliasTestCase, BaseActionTestCase, BaseSensorTestCase

__all__ = ["BaseActionTestCase", "BaseSensorTestCase", "BaseActionAliasTestCase"]
