"""A part of st2tests.base, by the name that StackStorm has for it."""

from st2tests.base import BaseActionTestCase  # noqa: F401
