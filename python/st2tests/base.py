"""Test cases for actions, sensors and aliases. Nothing here talks to Petrel: keys are kept in memory, events in a list."""

import glob
import inspect
import os
import unittest

from petrel_host.config import PackConfig
from st2tests.aliases import extract, matching_formats
from st2tests.mocks import MockActionService, MockActionWrapper, MockSensorService, MockSensorWrapper

__all__ = ["BasePackTestCase", "BaseActionTestCase", "BaseSensorTestCase", "BaseActionAliasTestCase"]


class BasePackTestCase(unittest.TestCase):
    maxDiff = None

    def pack_folder(self):
        """The folder with pack.yaml, above the file of the test."""
        folder = os.path.dirname(os.path.abspath(inspect.getfile(type(self))))
        while not os.path.exists(os.path.join(folder, "pack.yaml")):
            above = os.path.dirname(folder)
            if above == folder:
                raise ValueError("There is no pack.yaml above the test %s." % inspect.getfile(type(self)))
            folder = above
        return folder

    def get_fixture_content(self, fixture_path):
        """The text of a file in the pack's `tests/fixtures/`."""
        with open(os.path.join(self.pack_folder(), "tests", "fixtures", fixture_path), encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def config_of(cls, config):
        pack = getattr(cls, "__module__", "tests").rpartition(".")[2]
        return config if config is None else PackConfig(pack, config)


class BaseActionTestCase(BasePackTestCase):
    action_cls = None

    def setUp(self):
        super(BaseActionTestCase, self).setUp()
        self.action_service = MockActionService(MockActionWrapper("tests", getattr(self.action_cls, "__name__", "Action")))

    def get_action_instance(self, config=None):
        kwargs = {"config": self.config_of(self.action_cls, config), "action_service": self.action_service}
        try:
            return self.action_cls(**kwargs)
        except TypeError as error:
            if "action_service" not in str(error):
                raise
        action = self.action_cls(config=kwargs["config"])
        action.action_service = self.action_service
        return action


class BaseSensorTestCase(BasePackTestCase):
    sensor_cls = None

    def setUp(self):
        super(BaseSensorTestCase, self).setUp()
        self.sensor_service = MockSensorService(MockSensorWrapper("tests", getattr(self.sensor_cls, "__name__", "Sensor")))

    def get_sensor_instance(self, config=None, poll_interval=None):
        kwargs = {"sensor_service": self.sensor_service}
        if config:
            kwargs["config"] = self.config_of(self.sensor_cls, config)
        if poll_interval is not None:
            kwargs["poll_interval"] = poll_interval
        return self.sensor_cls(**kwargs)

    def get_dispatched_triggers(self):
        return self.sensor_service.dispatched_triggers

    def get_last_dispatched_trigger(self):
        return self.sensor_service.dispatched_triggers[-1]

    def assertTriggerDispatched(self, trigger, payload=None, trace_context=None):
        wanted = {"trigger": trigger}
        if payload:
            wanted["payload"] = payload
        if trace_context:
            wanted["trace_context"] = trace_context
        for dispatched in self.get_dispatched_triggers():
            if all(dispatched[name] == value for name, value in wanted.items()):
                return True
        raise AssertionError('Trigger "%s" hasn\'t been dispatched; these were: %s' % (trigger, self.get_dispatched_triggers()))


class BaseActionAliasTestCase(BasePackTestCase):
    action_alias_name = None

    def setUp(self):
        super(BaseActionAliasTestCase, self).setUp()
        if not self.action_alias_name:
            raise ValueError('"action_alias_name" class attribute needs to be provided')
        self.action_alias_db = self._load()

    def assertCommandMatchesExactlyOneFormatString(self, format_strings, command):
        matched = matching_formats(format_strings, command)
        if len(matched) > 1:
            raise AssertionError('Command "%s" matched multiple format strings: %s' % (command, ", ".join(matched)))

    def assertExtractedParametersMatch(self, format_string, command, parameters, match_multiple=False):
        found = extract(format_string, command, match_multiple)
        self.assertEqual(found, parameters, 'These are not the parameters of the command "%s" in the format "%s"' % (command, format_string))

    def assertCommandMatchesFormatString(self, format_string, command):
        extract(format_string, command)

    def _load(self):
        try:
            import yaml
        except ImportError:
            raise unittest.SkipTest("The tests of aliases need PyYAML: name it in requirements-tests.txt.")
        for path in sorted(glob.glob(os.path.join(self.pack_folder(), "aliases", "*.y*ml"))):
            with open(path, encoding="utf-8") as file:
                alias = yaml.safe_load(file)
            if alias.get("name") == self.action_alias_name:
                return Alias(alias)
        raise ValueError('Alias with name "%s" not found' % self.action_alias_name)


class Alias(object):
    """The metadata, with its fields as attributes."""

    def __init__(self, values):
        self.name = values.get("name")
        self.description = values.get("description")
        self.action_ref = values.get("action_ref")
        self.formats = values.get("formats", [])
        self.ack = values.get("ack")
        self.result = values.get("result")

    def get_format_strings(self):
        found = []
        for item in self.formats:
            if isinstance(item, dict):
                representation = item.get("representation", [])
                found.extend([representation] if isinstance(representation, str) else representation)
            else:
                found.append(item)
        return found
