import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testPackPython } from '../../../src/runners/python/index.ts';
import { openPythonBench, PYTHON, type PythonBench, quiet } from '../../python.ts';

let bench: PythonBench;
beforeEach(() => {
  bench = openPythonBench();
});
afterEach(() => bench.close());

function test() {
  return testPackPython({
    pack: { ref: 'demo', path: bench.pack },
    data: join(bench.folder, 'data'),
    log: quiet,
    signal: new AbortController().signal,
    output: () => {},
    ...(PYTHON !== undefined && { python: PYTHON }),
  });
}

describe.skipIf(PYTHON === undefined)("a pack's own tests in Python", () => {
  it('run with the base classes of st2tests, for actions, sensors and aliases', async () => {
    bench.write('pack.yaml', 'name: demo\n');
    bench.write(
      'actions/greet.py',
      'from st2common.runners.base_action import Action\nclass Greet(Action):\n    def run(self, name):\n        self.action_service.set_value("last", name)\n        return "%s %s" % (self.config["greeting"], name)\n',
    );
    bench.write(
      'sensors/ticker.py',
      'from st2reactor.sensor.base import PollingSensor\nclass Ticker(PollingSensor):\n    def setup(self):\n        self.logger = self.sensor_service.get_logger(__name__)\n    def poll(self):\n        self.sensor_service.dispatch(trigger="demo.tick", payload={"n": 1})\n',
    );
    bench.write(
      'aliases/greet.yaml',
      'name: greet\naction_ref: demo.greet\nformats:\n  - greet {{name=you}}\n  - display: hail\n    representation: ["hail {{name}}"]\n',
    );
    bench.write('tests/fixtures/names.txt', 'ann');
    bench.write(
      'tests/test_greet.py',
      `from st2tests.base import BaseActionTestCase, BaseActionAliasTestCase
from greet import Greet
class GreetTest(BaseActionTestCase):
    action_cls = Greet
    def test_greets(self):
        action = self.get_action_instance(config={"greeting": "hello"})
        self.assertEqual(action.run(name=self.get_fixture_content("names.txt")), "hello ann")
        self.assertEqual(self.action_service.get_value("last"), "ann")
    def test_needs_its_configuration(self):
        with self.assertRaisesRegex(ValueError, 'is missing key "greeting"'):
            self.get_action_instance(config={}).run(name="x")
class AliasTest(BaseActionAliasTestCase):
    action_alias_name = "greet"
    def test_formats(self):
        formats = self.action_alias_db.get_format_strings()
        self.assertEqual(formats, ["greet {{name=you}}", "hail {{name}}"])
        self.assertCommandMatchesExactlyOneFormatString(formats, "hail ann")
        self.assertExtractedParametersMatch(formats[0], "greet bob", {"name": "bob"})
        self.assertExtractedParametersMatch(formats[0], "greet", {"name": "you"})
`,
    );
    bench.write(
      'tests/test_ticker.py',
      `from st2tests.base import BaseSensorTestCase
from ticker import Ticker
class TickerTest(BaseSensorTestCase):
    sensor_cls = Ticker
    def test_ticks(self):
        sensor = self.get_sensor_instance(config={"a": 1}, poll_interval=7)
        sensor.setup()
        sensor.poll()
        self.assertEqual(sensor.get_poll_interval(), 7)
        self.assertTriggerDispatched(trigger="demo.tick", payload={"n": 1})
        with self.assertRaises(AssertionError):
            self.assertTriggerDispatched(trigger="demo.tock")
`,
    );
    const outcome = await test();
    expect(outcome?.stderr).toMatch(/Ran 4 tests[\s\S]*OK/);
    expect(outcome?.exitCode).toBe(0);
  });

  it('are found as packs of the exchange lay them out', async () => {
    bench.write('pack.yaml', 'name: demo\n');
    bench.write(
      'actions/double.py',
      'from lib.base import Base\nclass Double(Base):\n    def run(self, number):\n        return self.times(number, 2)\n',
    );
    bench.write(
      'actions/lib/base.py',
      'from st2common.runners.base_action import Action\nclass Base(Action):\n    def times(self, number, factor):\n        return number * factor\n',
    );
    bench.write('tests/fixtures/blank.yaml', '');
    bench.write('tests/fixtures/test_data.py', 'raise Exception("not a test")\n');
    // A base class with tests of its own, which is not to be run by itself, wherever it is imported.
    bench.write(
      'tests/demo_base_case.py',
      `import unittest2
from st2tests.base import BaseActionTestCase
class DemoBaseCase(BaseActionTestCase):
    __test__ = False
    def setUp(self):
        super(DemoBaseCase, self).setUp()
        self.blank = self.get_fixture_content("blank.yaml")
    @unittest2.skip("there is no configuration")
    def test_config(self):
        self.fail()
    def test_instance(self):
        self.assertIsInstance(self.get_action_instance({}), self.action_cls)
`,
    );
    bench.write(
      'tests/test_double.py',
      `import mock
from mock import MagicMock, patch
from st2tests.mocks.action import MockActionService
from demo_base_case import DemoBaseCase
from double import Double
class DoubleCase(DemoBaseCase):
    __test__ = True
    action_cls = Double
    def test_doubles(self):
        action = self.get_action_instance()
        self.assertIsInstance(action.action_service, MockActionService)
        self.assertEqual((action.run(4), self.blank), (8, ""))
    @mock.patch("lib.base.Base.times")
    def test_asks(self, times):
        times.return_value = "asked"
        self.assertEqual(self.get_action_instance().run(4), "asked")
def test_without_class():
    assert isinstance(MagicMock(), mock.Mock)
`,
    );
    bench.write(
      'tests/unit/test_double.py',
      'from unittest2 import TestCase\nfrom st2tests.pack_resource import BasePackResourceTestCase\nclass Same(BasePackResourceTestCase):\n    def test_it(self):\n        self.assertTrue(issubclass(type(self), TestCase))\n',
    );
    bench.write('tests/sub/__init__.py', '');
    bench.write('tests/sub/words.py', 'WORD = "w"\n');
    bench.write(
      'tests/sub/test_words.py',
      'from unittest import TestCase\nfrom .words import WORD\nclass Words(TestCase):\n    def test_it(self):\n        self.assertEqual(WORD, "w")\n',
    );
    const outcome = await test();
    expect(outcome?.stderr).toMatch(/Ran 7 tests[\s\S]*OK \(skipped=1\)/);
    expect(outcome?.exitCode).toBe(0);
  });

  it('fail when a file of them cannot be loaded, while the others run', async () => {
    bench.write('tests/test_lost.py', 'import no_such_module\n');
    bench.write('tests/test_not_here.py', 'import unittest\nraise unittest.SkipTest("elsewhere")\n');
    const outcome = await test();
    expect(outcome?.exitCode).toBe(1);
    expect(outcome?.stderr).toMatch(/No module named 'no_such_module'[\s\S]*Ran 2 tests[\s\S]*errors=1, skipped=1/);
  });

  it('fail when there is none in the files', async () => {
    bench.write('tests/test_empty.py', '');
    expect(await test()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('There is no test in') });
  });

  it('fail with exit code 1 and say where', async () => {
    bench.write(
      'tests/test_bad.py',
      'import unittest\nclass Bad(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(1, 2)\n',
    );
    const outcome = await test();
    expect(outcome?.exitCode).toBe(1);
    expect(outcome?.stderr).toMatch(/test_bad\.py", line 4[\s\S]*AssertionError: 1 != 2/);
  });

  it('may not be there', async () => {
    bench.write('pack.yaml', 'name: demo\n');
    expect(await test()).toBeUndefined();
  });
});

/** Runs the vectors through st2tests.aliases and prints what differs. */
const VECTORS = `
import json, sys
sys.path.insert(0, sys.argv[1])
from st2tests.aliases import extract, ParseException
for case in json.load(open(sys.argv[2], encoding="utf-8"))["cases"]:
    multiple = case.get("match_multiple", False)
    try:
        said = (True, extract(case["format"], case["command"], multiple))
    except ParseException:
        said = (False, [] if multiple else None)
    except Exception as error:
        said = ("error", None)
    wanted = ("error" if case.get("error") else case.get("matched"), case.get("params"))
    if said != wanted:
        print(case["id"], said, wanted)
`;

describe.skipIf(PYTHON === undefined)('st2tests.aliases', () => {
  it('extracts as StackStorm does (vectors alias_extract)', () => {
    const root = resolve(import.meta.dirname, '../../..');
    const args = ['-B', '-c', VECTORS, `${root}/python`, `${root}/test/vectors/stackstorm/alias_extract.json`];
    expect(execFileSync(PYTHON ?? '', args, { encoding: 'utf8' })).toBe('');
  });
});
