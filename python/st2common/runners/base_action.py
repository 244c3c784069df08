"""The base class of Python actions."""

import abc

from st2common.runners.utils import get_logger_for_python_runner_action

__all__ = ["Action"]


class Action(abc.ABC):
    """`run` gets the action's parameters by name; it answers a result, or `(succeeded, result)`."""

    description = None

    def __init__(self, config=None, action_service=None):
        self.config = {} if config is None else config
        self.action_service = action_service
        self.logger = get_logger_for_python_runner_action(type(self).__name__)

    @abc.abstractmethod
    def run(self, **kwargs):
        """Does the work."""
