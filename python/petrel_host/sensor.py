"""Runs one sensor: setup, the triggers that rules bind, `run`, and `cleanup` when it is told to end."""

import logging
import queue
import signal
import sys
import threading
import traceback

from petrel_host import child, loading, services
from petrel_host.config import PackConfig


def run(request, channel):
    """Answers the exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        found = loading.sensor_class(request["file"], request["class_name"])
        service = services.SensorService(request["pack"], found.__name__, channel)
        sensor = instantiate(found, service, request)
        listener = Listener(channel, service, sensor)
        listener.start()
        signal.signal(signal.SIGTERM, lambda number, frame: end(sensor))
        sensor.setup()
        channel.send('{"running": true}')
        for trigger in request["triggers"]:
            listener.apply("add", trigger)
        listener.follow_triggers()
        sensor.run()
        sensor.cleanup()
        return 0
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    except BaseException as error:
        if isinstance(error, MemoryError):
            child.lift_memory_limit()
        message = loading.explain(error, request)
        traceback.print_exc()
        channel.send(child.as_json({"error": message}))
        return 1


def instantiate(found, service, request):
    config = PackConfig(request["pack"], request["config"])
    interval = request.get("poll_interval")
    if interval is None:
        return found(sensor_service=service, config=config)
    try:
        return found(sensor_service=service, config=config, poll_interval=interval)
    except TypeError as error:
        if "unexpected keyword argument 'poll_interval'" not in str(error):
            raise
    sensor = found(sensor_service=service, config=config)
    if hasattr(sensor, "set_poll_interval"):
        sensor.set_poll_interval(interval)
    return sensor


def end(sensor):
    """On SIGTERM. What the sensor's own code was doing is not gone on with."""
    code = 0
    try:
        sensor.cleanup()
    except BaseException:
        traceback.print_exc()
        code = 1
    child.leave(code, wait=False)


class Listener(object):
    """Hears what Petrel says. Triggers are told to the sensor on a thread of their own, so that a sensor may dispatch meanwhile."""

    def __init__(self, channel, service, sensor):
        self.channel = channel
        self.service = service
        self.sensor = sensor
        self.changes = queue.Queue()

    def start(self):
        threading.Thread(target=self._listen, name="petrel-channel", daemon=True).start()

    def follow_triggers(self):
        threading.Thread(target=self._follow, name="petrel-triggers", daemon=True).start()

    def _listen(self):
        while True:
            message = self.channel.receive()
            if message is None:
                return  # Petrel is gone, and the keeper ends this process
            if "answer" in message:
                self.service.answered(message["answer"], message.get("refused"), message.get("failed"))
            else:
                for what in ("add", "update", "remove"):
                    if what in message:
                        self.changes.put((what, message[what]))

    def _follow(self):
        while True:
            self.apply(*self.changes.get())

    def apply(self, what, trigger):
        try:
            if what == "remove":
                self.service.forget(trigger)
                self.sensor.remove_trigger(trigger)
            else:
                self.service.know(trigger)
                (self.sensor.add_trigger if what == "add" else self.sensor.update_trigger)(trigger)
        except Exception:
            sys.stderr.write("%s_trigger of the sensor failed for %s:\n" % (what, trigger["ref"]))
            traceback.print_exc()
