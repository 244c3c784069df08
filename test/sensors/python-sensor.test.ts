import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMasker } from '../../src/datastore/index.ts';
import { createRunTokens } from '../../src/executions/index.ts';
import { systemClock } from '../../src/kubernetes/index.ts';
import { type JsonObject, PetrelError, type Sensor, type TriggerEvent } from '../../src/model/index.ts';
import { pythonSensorHost } from '../../src/sensors/python-sensor.ts';
import type { SensorPort, SensorProcess } from '../../src/sensors/sensor-host.ts';
import { superviseSensor } from '../../src/sensors/supervision.ts';
import type { Trigger } from '../../src/sensors/triggers.ts';
import { isGone, openPythonBench, PYTHON, type PythonBench, quiet, TRANSLATES } from '../python.ts';

const HEAD = 'import os, sys, time\nfrom st2reactor.sensor.base import Sensor, PollingSensor\n';

let bench: PythonBench;
let processes: SensorProcess[];
let lines: string[];
let events: TriggerEvent[];
beforeEach(() => {
  bench = openPythonBench();
  processes = [];
  lines = [];
  events = [];
});
afterEach(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await bench.close();
});

function triggerOf(name: string, parameters: JsonObject): Trigger {
  return {
    id: 'f'.repeat(24),
    ref: `demo.${name}`,
    uid: `trigger:demo:${name}:0`,
    name,
    pack: 'demo',
    type: 'demo.event',
    parameters,
    description: '',
  };
}

async function startSource(source: string, port: Partial<SensorPort> = {}, more: Partial<Sensor> = {}) {
  const entryPath = bench.write('sensors/subject.py', HEAD + source);
  const host = pythonSensorHost({
    python: bench.host,
    packFolder: () => bench.pack,
    tokens: createRunTokens(createMasker()),
    apiUrl: () => 'http://127.0.0.1:1/v1',
    grace: 500,
  });
  const sensor: Sensor = {
    ref: 'demo.Subject',
    pack: 'demo',
    className: 'Subject',
    enabled: true,
    entryPoint: 'subject.py',
    entryPath,
    triggerTypes: ['demo.event'],
    metadataFile: 'sensors/subject.yaml',
    ...more,
  };
  const process = await host.start(sensor, {
    config: { url: 'http://x' },
    triggers: [],
    datastore: {
      get: async () => undefined,
      set: async () => {},
      delete: async () => false,
      list: async () => [],
    },
    async dispatch(given) {
      events.push(...given);
    },
    log: (_, line) => lines.push(line),
    ...port,
  });
  processes.push(process);
  return process;
}

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1000 && !condition(); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(condition(), `still waiting; the log says: ${lines.join('\n')}`).toBe(true);
}

describe.skipIf(PYTHON === undefined)('a sensor in Python', () => {
  it('is set up, dispatches, and what it prints goes to the log', async () => {
    const process = await startSource(`
class Subject(Sensor):
    def setup(self):
        print("setup", self.config["url"], self._config is self.config, self._sensor_service is self.sensor_service)
        self.logger = self.sensor_service.get_logger(name="Subject")
    def run(self):
        self.logger.info("running")
        self.sensor_service.dispatch(trigger="demo.event", payload={"n": 1, "at": __import__("datetime").date(2020, 1, 2)}, trace_tag="tag")
        self.sensor_service.dispatch_with_context("demo.event", {"n": 2}, trace_context={"trace_tag": "other"})
        print("dispatched")
        time.sleep(60)
`);
    await until(() => lines.includes('dispatched'));
    expect(events).toEqual([
      { trigger: 'demo.event', parameters: {}, payload: { n: 1, at: '2020-01-02' }, traceTag: 'tag' },
      { trigger: 'demo.event', parameters: {}, payload: { n: 2 }, traceTag: 'other' },
    ]);
    expect(lines).toEqual(['setup http://x True True', 'INFO st2.sensors.Subject: running', 'dispatched']);
    expect(process.command).toMatch(/python\S* .*sensors\/subject\.py \(Subject\)$/);
  });

  it.skipIf(!TRANSLATES)('runs as sensors of 2016 are: Python 2, with a base class in the file beside it', async () => {
    bench.write(
      'sensors/watching.py',
      `from st2reactor.sensor.base import Sensor
class Watching(Sensor):
    def __init__(self, sensor_service, trigger_ref, config=None):
        super(Watching, self).__init__(sensor_service=sensor_service, config=config)
        self.TRIGGER_REF = trigger_ref
    def setup(self):
        print "watching", self._config["url"]
    def run(self):
        self._sensor_service.dispatch(trigger=self.TRIGGER_REF, payload={"resource": u"ADDED"})
        __import__("time").sleep(60)
`,
    );
    await startSource(`
from watching import Watching
class Subject(Watching):
    def __init__(self, sensor_service, config=None, trigger_ref="demo.event"):
        super(self.__class__, self).__init__(sensor_service=sensor_service, config=config, trigger_ref=trigger_ref)
`);
    await until(() => events.length > 0);
    expect(events).toEqual([{ trigger: 'demo.event', parameters: {}, payload: { resource: 'ADDED' } }]);
    expect(lines).toEqual(['watching http://x']);
  });

  it('goes on after a dispatch only when the event is stored', async () => {
    let store = () => {};
    await startSource(
      `
class Subject(Sensor):
    def run(self):
        self.sensor_service.dispatch("demo.event", {})
        print("stored")
`,
      {
        dispatch: () =>
          new Promise((resolve) => {
            store = () => resolve();
            lines.push('asked');
          }),
      },
    );
    await until(() => lines.includes('asked'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lines).toEqual(['asked']);
    store();
    await until(() => lines.includes('stored'));
  });

  it('is told what was refused, in its log, and fails when an event could not be stored', async () => {
    let calls = 0;
    const process = await startSource(
      `
class Subject(Sensor):
    def run(self):
        self.sensor_service.dispatch("demo.unknown", {})
        print("goes on")
        self.sensor_service.dispatch("demo.event", {})
`,
      {
        async dispatch() {
          calls += 1;
          if (calls === 1) throw new PetrelError('invalid', 'Trigger type "demo.unknown" is not registered.');
          throw new PetrelError('unavailable', 'The database is away.');
        },
      },
    );
    expect(await process.ended).toEqual({
      exitCode: 1,
      reason: 'RuntimeError: The event for trigger demo.event could not be stored: The database is away.',
    });
    expect(lines.slice(0, 2)).toEqual([
      'WARNING st2.sensors.Subject: The event for trigger demo.unknown was refused: Trigger type "demo.unknown" is not registered.',
      'goes on',
    ]);
  });

  it('polls at its interval, which the metadata sets and it may change', async () => {
    await startSource(
      `
class Subject(PollingSensor):
    def poll(self):
        print("poll", self.get_poll_interval(), self._poll_interval)
        self.set_poll_interval(0.02)
`,
      {},
      { pollInterval: 0.01 },
    );
    await until(() => lines.length > 3);
    expect(lines.slice(0, 2)).toEqual(['poll 0.01 0.01', 'poll 0.02 0.02']);
  });

  it('hears of triggers before it runs and while it runs, and can dispatch for each', async () => {
    const first = triggerOf('first', { path: '/a' });
    const second = triggerOf('second', { path: '/b' });
    const process = await startSource(
      `
class Subject(Sensor):
    def add_trigger(self, trigger):
        print("add", trigger["ref"], trigger["parameters"])
        self.sensor_service.dispatch(trigger, {"by": "dict"})
        self.sensor_service.dispatch(trigger["ref"], {"by": "ref"})
    def update_trigger(self, trigger):
        print("update")
    def remove_trigger(self, trigger):
        print("remove", trigger["ref"])
    def run(self):
        print("run")
        time.sleep(60)
`,
      { triggers: [first] },
    );
    await until(() => lines.includes('run'));
    process.changeTrigger('add', second);
    process.changeTrigger('remove', first);
    await until(() => lines.length === 4);
    expect(lines).toEqual([
      "add demo.first {'path': '/a'}",
      'run',
      "add demo.second {'path': '/b'}",
      'remove demo.first',
    ]);
    expect(events.map(({ parameters, payload }) => [parameters, payload])).toEqual([
      [{ path: '/a' }, { by: 'dict' }],
      [{ path: '/a' }, { by: 'ref' }],
      [{ path: '/b' }, { by: 'dict' }],
      [{ path: '/b' }, { by: 'ref' }],
    ]);
  });

  it('cleans up when it is stopped, and what it has started goes with it', async () => {
    const process = await startSource(`
import subprocess
class Subject(Sensor):
    def run(self):
        print("pids", subprocess.Popen(["sleep", "60"], start_new_session=True).pid)
        time.sleep(60)
    def cleanup(self):
        print("cleaned up")
`);
    await until(() => lines.length === 1);
    await process.stop();
    expect(lines[1]).toBe('cleaned up');
    expect(await isGone(Number(lines[0]?.split(' ')[1]))).toBe(true);
    expect(await process.ended).toEqual({ exitCode: 0 });
  });

  it('that ends by itself has ended without a fault', async () => {
    const process = await startSource('class Subject(Sensor):\n    def run(self):\n        print("short")\n');
    expect(await process.ended).toEqual({ exitCode: 0 });
  });
});

describe.skipIf(PYTHON === undefined)('a bad sensor', () => {
  it.each([
    ['crashes at import', 'raise RuntimeError("at import")', 'RuntimeError: at import'],
    [
      'misses a module',
      'import surely_not_there',
      /^The Python module "surely_not_there" is not installed for pack "demo"/,
    ],
    [
      'has another class',
      'class Other(Sensor):\n    def run(self): pass',
      /has no class "Subject", which the sensor's class_name says/,
    ],
    ['has no run', 'class Subject(Sensor):\n    pass', /^TypeError: Can't instantiate abstract class Subject/],
    [
      'fails in setup',
      'class Subject(Sensor):\n    def setup(self): return 1 / 0\n    def run(self): pass',
      'ZeroDivisionError: division by zero',
    ],
    ['exits', 'class Subject(Sensor):\n    def run(self): sys.exit(7)', 'it ended with exit code 7'],
    [
      'dies of a signal',
      'class Subject(Sensor):\n    def run(self): os.kill(os.getpid(), 11)',
      'it was ended by SIGSEGV (signal 11)',
    ],
    [
      'dispatches no dictionary',
      'class Subject(Sensor):\n    def run(self): self.sensor_service.dispatch("demo.event", [1])',
      'TypeError: The payload of an event must be a dictionary, not list.',
    ],
    [
      'writes garbage on its channel',
      'class Subject(Sensor):\n    def run(self):\n        self.sensor_service._channel.connection.sendall(b"garbage\\n")\n        time.sleep(60)',
      "demo.Subject was stopped, because it wrote on Petrel's own connection what is no message: garbage.",
    ],
    [
      'dispatches what is no event',
      'class Subject(Sensor):\n    def run(self):\n        self.sensor_service._channel.send(\'{"dispatch": 1, "event": {"trigger": 5}}\')\n        time.sleep(60)',
      /dispatched what is no event/,
    ],
    ['leaks', 'class Subject(Sensor):\n    def run(self): bytearray(3 << 30)', /^Out of memory/],
  ])('that %s ends with a clear reason', async (_, source, reason) => {
    const process = await startSource(source);
    const end = await process.ended;
    expect(end.reason).toMatch(
      typeof reason === 'string' ? new RegExp(`^${reason.replace(/[().]/g, '\\$&')}$`) : reason,
    );
  });

  it.each([
    ['at import', 'time.sleep(60)\nclass Subject(Sensor):\n    def run(self): pass'],
    [
      'in setup, deaf to SIGTERM',
      'import signal\nclass Subject(Sensor):\n    def setup(self):\n        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        time.sleep(60)\n    def run(self): pass',
    ],
    ['in cleanup', 'class Subject(Sensor):\n    def run(self): time.sleep(60)\n    def cleanup(self): time.sleep(60)'],
  ])('that blocks %s is ended when it is to stop', async (_, source) => {
    const process = await startSource(source);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await process.stop();
    expect(await isGone(process.pid)).toBe(true);
  });

  it('that forks cannot speak twice: its child is told so, and it goes on itself', async () => {
    await startSource(`
class Subject(Sensor):
    def run(self):
        pid = os.fork()
        if pid == 0:
            try:
                self.sensor_service.dispatch("demo.event", {"from": "child"})
            except RuntimeError as error:
                print(error)
            os._exit(0)
        os.waitpid(pid, 0)
        self.sensor_service.dispatch("demo.event", {"from": "parent"})
        print("done")
        time.sleep(60)
`);
    await until(() => lines.includes('done'));
    expect(lines[0]).toMatch(/^This process was forked by the pack's own code/);
    expect(events.map(({ payload }) => payload)).toEqual([{ from: 'parent' }]);
  });

  it('that prints without end of line fills no memory', async () => {
    await startSource(
      'class Subject(Sensor):\n    def run(self):\n        sys.stdout.write("x" * 1000000)\n        print("\\nend")\n        time.sleep(60)',
    );
    await until(() => lines.some((line) => line === 'end'));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(10_000);
  });

  it('is started again without end, and its state says so', async () => {
    const supervised = superviseSensor({
      name: 'demo.Subject',
      start: () => startSource('raise RuntimeError("at import")'),
      clock: systemClock,
      random: Math.random,
      log: quiet,
      backoff: { first: 10, max: 20 },
    });
    await until(() => supervised.state().restarts >= 5);
    expect(supervised.state().lastError).toBe('RuntimeError: at import');
    await supervised.stop();
    expect(supervised.state().status).toBe('stopped');
  });
});
