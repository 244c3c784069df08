"""What an action or a sensor is given as its service: the datastore, who it acts as, and for a sensor the events it hands over."""

import itertools
import json
import logging
import threading

from petrel_host import child
from petrel_host.api import Api, ApiError, quote

SYSTEM_SCOPE = "system"
SCOPES = ("system", "st2kv.system")


class Datastore(object):
    """Keys, as StackStorm's: `local` ones are the class's own, below `PACK.CLASS:`."""

    def __init__(self, pack, class_name, logger):
        self._prefix = "%s.%s:" % (pack, class_name)
        self._logger = logger
        self._api = Api()

    def get_value(self, name, local=True, scope=SYSTEM_SCOPE, decrypt=False):
        """The text, or None when there is no such key or it cannot be read (the log says why)."""
        self._check(scope)
        try:
            found = self._api.call("GET", "/keys/" + quote(self._key(name, local)), {"scope": scope, "decrypt": bool(decrypt)})
        except ApiError as error:
            if error.status != 404:
                self._logger.error("The key %s cannot be read: %s", self._key(name, local), error)
            return None
        return found["value"]

    def set_value(self, name, value, ttl=None, local=True, scope=SYSTEM_SCOPE, encrypt=False):
        self._check(scope)
        body = {"value": str(value), "scope": scope, "secret": bool(encrypt)}
        if ttl:
            body["ttl"] = ttl
        self._api.call("PUT", "/keys/" + quote(self._key(name, local)), body=body)
        return True

    def delete_value(self, name, local=True, scope=SYSTEM_SCOPE):
        self._check(scope)
        try:
            self._api.call("DELETE", "/keys/" + quote(self._key(name, local)), {"scope": scope})
        except ApiError as error:
            if error.status != 404:
                self._logger.error("The key %s cannot be deleted: %s", self._key(name, local), error)
            return False
        return True

    def list_values(self, local=True, prefix=None, limit=None, offset=None):
        from st2client.models import KeyValuePair

        query = {"prefix": self._key(prefix or "", local), "limit": -1 if limit is None else limit, "offset": offset}
        return [KeyValuePair(**item) for item in self._api.call("GET", "/keys", query)]

    def get_user_info(self):
        return self._api.call("GET", "/user")

    def _key(self, name, local):
        return self._prefix + name if local else name

    @staticmethod
    def _check(scope):
        if scope not in SCOPES:
            raise ValueError('Scope "%s" is unsupported.' % (scope,))


class ActionService(Datastore):
    """`self.action_service`."""

    @property
    def datastore_service(self):
        return self


class SensorService(Datastore):
    """`self.sensor_service`."""

    def __init__(self, pack, class_name, channel):
        super(SensorService, self).__init__(pack, class_name, self.logger_of(class_name))
        self._channel = channel
        self._numbers = itertools.count(1)
        self._waiting = {}
        self._triggers = {}
        self._lock = threading.Lock()

    @property
    def datastore_service(self):
        return self

    def get_logger(self, name):
        return self.logger_of(name)

    @staticmethod
    def logger_of(name):
        return logging.getLogger("st2.sensors.%s" % name)

    def dispatch(self, trigger, payload=None, trace_tag=None):
        """Returns once the event is stored. One that Petrel refuses is logged, as StackStorm does, and lost."""
        self._dispatch(trigger, payload, trace_tag)

    def dispatch_with_context(self, trigger, payload=None, trace_context=None):
        tag = trace_context.get("trace_tag") if isinstance(trace_context, dict) else getattr(trace_context, "trace_tag", None)
        self._dispatch(trigger, payload, tag)

    def _dispatch(self, trigger, payload, trace_tag):
        if not isinstance(payload or {}, dict):
            raise TypeError("The payload of an event must be a dictionary, not %s." % type(payload).__name__)
        reference, parameters = self._meant(trigger)
        number = next(self._numbers)
        waiter = Waiter()
        event = {"trigger": reference, "parameters": parameters, "payload": payload or {}}
        if trace_tag:
            event["trace_tag"] = str(trace_tag)
        # Times, for example, become their text, which is what the database of StackStorm shows, too.
        text = child.as_json({"dispatch": number, "event": json.loads(json.dumps(event, default=str))})
        with self._lock:
            self._waiting[number] = waiter
        self._channel.send(text)
        waiter.done.wait()
        if waiter.failure is not None:
            raise RuntimeError("The event for trigger %s could not be stored: %s" % (reference, waiter.failure))
        if waiter.refusal is not None:
            self._logger.warning("The event for trigger %s was refused: %s", reference, waiter.refusal)

    def _meant(self, trigger):
        if isinstance(trigger, dict):
            reference = trigger.get("type") or "%s.%s" % (trigger.get("pack"), trigger.get("name"))
            return reference, trigger.get("parameters") or {}
        known = self._triggers.get(trigger)
        return (known["type"], known["parameters"]) if known else (trigger, {})

    def answered(self, number, refusal, failure):
        with self._lock:
            waiter = self._waiting.pop(number, None)
        if waiter is not None:
            waiter.refusal = refusal
            waiter.failure = failure
            waiter.done.set()

    def know(self, trigger):
        self._triggers[trigger["ref"]] = trigger

    def forget(self, trigger):
        self._triggers.pop(trigger["ref"], None)


class Waiter(object):
    def __init__(self):
        self.done = threading.Event()
        self.refusal = None
        self.failure = None
