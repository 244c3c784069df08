"""Runs one action: the class of the file, its `run`, and what that answers."""

import json
import sys
import traceback

from petrel_host import child, loading, services
from petrel_host.config import PackConfig

#: StackStorm's exit code for an answer whose status is neither true nor false.
INVALID_STATUS = 220

INVALID_STATUS_MESSAGE = (
    "If this is an existing action which returns a tuple with two items, it needs to be updated to either:\n\n"
    "1. Return a list instead of a tuple\n"
    "2. Return a tuple where a first items is a status flag - (True, ('item1', 'item2'))\n"
)


def run(request, channel):
    """Answers the exit code."""
    from st2common.runners.utils import get_logger_for_python_runner_action

    pack = request["pack"]
    try:
        found = loading.action_class(request["file"])
        logger = get_logger_for_python_runner_action(found.__name__, request["log_level"])
        service = services.ActionService(pack, found.__name__, logger)
        action = instantiate(found, PackConfig(pack, request["config"]), service)
        answer = action.run(**request["parameters"])
        return deliver(answer, channel, request["result_limit"])
    except SystemExit as error:
        return exit_code(error)
    except BaseException as error:
        if isinstance(error, MemoryError):
            child.lift_memory_limit()  # so that there is room to tell of it
        message = loading.explain(error, request)
        traceback.print_exc()
        channel.send(child.as_json({"error": message, "memory": isinstance(error, MemoryError)}))
        return 1


def instantiate(found, config, service):
    try:
        action = found(config=config, action_service=service)
    except TypeError as error:
        # As StackStorm: constructors from before there was an action_service.
        if "unexpected keyword argument 'action_service'" not in str(error):
            raise
        action = found(config=config)
    if getattr(action, "action_service", None) is None:
        action.action_service = service
    return action


def deliver(answer, channel, limit):
    status = None
    result = answer
    if isinstance(answer, tuple) and len(answer) == 2:
        status, result = answer
        if status is not None and not isinstance(status, bool):
            message = "Status returned from the action run() method must either be True or False, got: %s" % (status,)
            sys.stderr.write("%s\n%s\n" % (message, INVALID_STATUS_MESSAGE))
            channel.send(child.as_json({"error": "%s\n%s" % (message, INVALID_STATUS_MESSAGE)}))
            return INVALID_STATUS
    text = '{"result": %s, "status": %s}' % (child.as_json(result), json.dumps(status))
    if len(text) > limit:
        message = "The result is too large: it has %d bytes, and at most %d are kept." % (len(text), limit)
        sys.stderr.write(message + "\n")
        channel.send(child.as_json({"error": message}))
        return 1
    channel.send(text)
    return 0


def exit_code(error):
    """As Python itself does with what sys.exit was given."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    sys.stderr.write("%s\n" % (error.code,))
    return 1
