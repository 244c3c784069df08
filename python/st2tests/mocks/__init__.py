"""Services that remember."""

import logging

from st2client.models import KeyValuePair


class MockWrapper(object):
    """Whose keys a service keeps, as StackStorm's mocks say it."""

    def __init__(self, pack, class_name):
        self._pack = pack
        self._class_name = class_name


MockActionWrapper = MockSensorWrapper = MockWrapper


class MockDatastore(object):
    def __init__(self, pack="tests", class_name="Tests"):
        self._prefix = "%s.%s:" % (pack, class_name)
        self._keys = {}

    @property
    def datastore_service(self):
        return self

    def get_user_info(self):
        return {"username": "tests", "rbac": {"enabled": False, "roles": [], "is_admin": True}, "authentication": {}}

    def get_value(self, name, local=True, scope="system", decrypt=False):
        return self._keys.get(self._name(name, local))

    def set_value(self, name, value, ttl=None, local=True, scope="system", encrypt=False):
        self._keys[self._name(name, local)] = str(value)
        return True

    def delete_value(self, name, local=True, scope="system"):
        return self._keys.pop(self._name(name, local), None) is not None

    def list_values(self, local=True, prefix=None, limit=None, offset=0):
        names = sorted(name for name in self._keys if name.startswith(self._name(prefix or "", local)))
        found = [KeyValuePair(name=name, value=self._keys[name]) for name in names][offset or 0:]
        return found if limit is None else found[:limit]

    def _name(self, name, local):
        return self._prefix + name if local else name


class MockActionService(MockDatastore):
    def __init__(self, action_wrapper):
        super(MockActionService, self).__init__(action_wrapper._pack, action_wrapper._class_name)


class MockSensorService(MockDatastore):
    def __init__(self, sensor_wrapper):
        super(MockSensorService, self).__init__(sensor_wrapper._pack, sensor_wrapper._class_name)
        self.dispatched_triggers = []

    def get_logger(self, name):
        return logging.getLogger("st2.sensors.%s" % name)

    def dispatch(self, trigger, payload=None, trace_tag=None):
        self.dispatched_triggers.append({"trigger": trigger, "payload": payload or {}, "trace_context": {"trace_tag": trace_tag} if trace_tag else None})

    def dispatch_with_context(self, trigger, payload=None, trace_context=None):
        self.dispatched_triggers.append({"trigger": trigger, "payload": payload or {}, "trace_context": trace_context})
