"""The base classes of Python sensors."""

import abc
import time

__all__ = ["Sensor", "PollingSensor"]


class BaseSensor(abc.ABC):
    def __init__(self, sensor_service, config=None):
        self.sensor_service = sensor_service
        self.config = {} if config is None else config
        # The names of long ago.
        self._sensor_service = self.sensor_service
        self._config = self.config

    def setup(self):
        """Called once, before anything else."""

    def cleanup(self):
        """Called when the sensor is stopped."""

    def add_trigger(self, trigger):
        """A rule binds a trigger of one of the sensor's types, with these parameters."""

    def update_trigger(self, trigger):
        """The trigger has changed."""

    def remove_trigger(self, trigger):
        """No rule binds the trigger any more."""


class Sensor(BaseSensor):
    @abc.abstractmethod
    def run(self):
        """Watches and dispatches, for as long as the sensor lives."""


class PollingSensor(BaseSensor):
    def __init__(self, sensor_service, config=None, poll_interval=5):
        super(PollingSensor, self).__init__(sensor_service=sensor_service, config=config)
        self._poll_interval = poll_interval

    @abc.abstractmethod
    def poll(self):
        """Looks once."""

    def run(self):
        while True:
            self.poll()
            time.sleep(self._poll_interval)

    def get_poll_interval(self):
        """Seconds."""
        return self._poll_interval

    def set_poll_interval(self, poll_interval):
        self._poll_interval = poll_interval
