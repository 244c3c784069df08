"""A part of st2tests.mocks, by the name that StackStorm has for it."""

from st2tests.mocks import MockDatastore as MockDatastoreService  # noqa: F401
