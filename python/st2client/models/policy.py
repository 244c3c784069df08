"""A part of st2client.models, by the name that StackStorm has for it."""

from st2client.models import Policy, PolicyType  # noqa: F401
