import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/model/index.ts';
import { pythonScript } from '../../../src/runners/python/index.ts';
import { openPythonBench, PYTHON, type PythonBench } from '../../python.ts';
import { type HarnessOptions, harness } from '../harness.ts';

const HEAD = 'from st2common.runners.base_action import Action\n';

let bench: PythonBench;
let counter = 0;
beforeAll(() => {
  bench = openPythonBench();
});
afterAll(() => bench.close());

/** Runs a file as an action of pack `demo`. */
async function runFile(source: string, options: HarnessOptions = {}, name = `a${counter++}`) {
  const entryPath = bench.write(`actions/${name}.py`, source);
  const runner = pythonScript({ python: bench.host, packFolder: () => bench.pack, grace: 300 });
  const subject = harness({ entryPath, ...options });
  const { status, result } = await runner.run(subject.run);
  return { status, result: result as JsonObject, subject }; // the runner answers an object
}

/** Runs the body of a method `run(self, **parameters)`. */
function runBody(body: string, options: HarnessOptions = {}) {
  const lines = body.split('\n').map((line) => `        ${line}`);
  return runFile(`${HEAD}class Subject(Action):\n    def run(self, **parameters):\n${lines.join('\n')}\n`, options);
}

describe.skipIf(PYTHON === undefined)('what an action answers', () => {
  it.each<[string, string, Json]>([
    ['{"a": [1, 2.5, None, True, "ü"]}', 'succeeded', { a: [1, 2.5, null, true, 'ü'] }],
    ['None', 'succeeded', null],
    ['"text"', 'succeeded', 'text'],
    ['False', 'succeeded', false],
    ['(True, 7)', 'succeeded', 7],
    ['(False, {"why": "x"})', 'failed', { why: 'x' }],
    ['(None, 3)', 'succeeded', 3],
    ['(1, 2, 3)', 'succeeded', [1, 2, 3]],
    ['{1, }', 'succeeded', '{1}'],
    ['(True, {1})', 'succeeded', '{1}'],
    ['float("nan")', 'succeeded', null],
    ['{1: "number"}', 'succeeded', { '1': 'number' }],
    ['b"bytes"', 'succeeded', "b'bytes'"],
  ])('%s ends as %s', async (expression, status, value) => {
    const { status: ended, result } = await runBody(`return ${expression}`);
    expect({ ended, result }).toEqual({
      ended: status,
      result: { result: value, exit_code: 0, stdout: '', stderr: '' },
    });
  });

  it('is an error of the runner when the status is neither true nor false', async () => {
    const { status, result } = await runBody('return ("yes", 1)');
    expect(status).toBe('failed');
    expect(Object.keys(result)).toEqual(['error', 'traceback']);
    expect(result.error).toMatch(/must either be True or False, got: yes[\s\S]*Return a list instead of a tuple/);
  });

  it('is text of None, exit code 1 and a traceback when it raises', async () => {
    const { status, result } = await runBody('raise ValueError("bad thing")');
    expect(status).toBe('failed');
    expect(result).toMatchObject({ result: 'None', exit_code: 1, error: 'ValueError: bad thing' });
    expect(result.stderr).toMatch(/Traceback[\s\S]*line 4, in run[\s\S]*ValueError: bad thing/);
  });

  it.each([
    ['sys.exit(0)', 'succeeded', 0, ''],
    ['sys.exit(3)', 'failed', 3, ''],
    ['sys.exit("said")', 'failed', 1, 'said\n'],
  ])('%s ends as %s', async (call, ended, code, stderr) => {
    const { status, result } = await runBody(`import sys\n${call}`);
    expect({ status, result: result.result, code: result.exit_code, stderr: result.stderr }).toEqual({
      status: ended,
      result: 'None',
      code,
      stderr,
    });
  });

  it('is failed with the result kept when the exit code is not 0 though it answered', async () => {
    const { status, result } = await runBody(
      'import atexit, os\natexit.register(lambda: os._exit(4))\nreturn (True, "done")',
    );
    expect(status).toBe('failed');
    expect(result).toMatchObject({ result: 'done', exit_code: 4, error: 'The action ended with exit code 4.' });
  });

  it('is refused when it is too large to keep', async () => {
    const { status, result } = await runBody('return "x" * (17 << 20)');
    expect(status).toBe('failed');
    expect(result.error).toMatch(/The result is too large: it has 178\d+ bytes, and at most 16777216 are kept/);
  });
});

describe.skipIf(PYTHON === undefined)('what an action sees', () => {
  it('its parameters by name, null ones too, and its configuration', async () => {
    const { result } = await runFile(
      `${HEAD}class Subject(Action):\n    def run(self, name, missing):\n        return [name, missing, self.config["url"], self.config.get("none"), "none" in self.config]\n`,
      { actionParameters: { name: 'n', missing: null }, config: { url: 'http://x' } },
    );
    expect(result.result).toEqual(['n', null, 'http://x', null, false]);
  });

  it('a configuration that says which pack lacks which key', async () => {
    const { result } = await runBody('return self.config["token"]');
    expect(result.error).toMatch(/^ValueError: Config for pack "demo" is missing key "token"/);
    // Libraries of packs look for what may be missing as in any dictionary.
    const asDictionary = 'try:\n    return self.config["token"]\nexcept KeyError as error:\n    return str(error)[:35]';
    expect((await runBody(asDictionary)).result.result).toBe('Config for pack "demo" is missing k');
  });

  it('a logger of the level that was asked for, on standard error', async () => {
    const body = 'self.logger.debug("d")\nself.logger.info("i")\nself.logger.audit("a")';
    const all = await runBody(body);
    expect(all.result.stderr).toBe(
      'st2.actions.python.Subject: DEBUG    d\nst2.actions.python.Subject: INFO     i\nst2.actions.python.Subject: AUDIT    a\n',
    );
    const some = await runBody(body, { runnerParameters: { log_level: 'INFO' } });
    expect(some.result.stderr).not.toContain('DEBUG');
  });

  it('a clean environment: what is declared, the given variables, and nothing of the server', async () => {
    process.env.PETREL_TEST_SECRET = 'hunter2';
    try {
      const { result } = await runBody('import os\nreturn dict(os.environ)', {
        runnerParameters: { env: { COLOUR: 'blue', PythonPath: '/evil', ST2_ACTION_PACK_NAME: 'other' }, debug: true },
        environment: { ST2_ACTION_PACK_NAME: 'demo', ST2_ACTION_API_URL: 'http://api/v1' },
      });
      const seen = result.result as JsonObject; // a dict
      expect(seen).toMatchObject({
        COLOUR: 'blue',
        ST2_ACTION_PACK_NAME: 'demo',
        ST2_ACTION_API_URL: 'http://api/v1',
        ST2_API_URL: 'http://api/v1',
        ST2_ACTION_DEBUG: 'True',
      });
      expect(Object.keys(seen)).not.toContain('PETREL_TEST_SECRET');
      expect(seen.PythonPath).toBeUndefined();
      expect(JSON.stringify(seen)).not.toContain('/evil');
    } finally {
      delete process.env.PETREL_TEST_SECRET;
    }
  });

  it('modules beside it, in actions/lib and in lib/, and the names of StackStorm', async () => {
    bench.write('actions/beside.py', 'WHERE = "beside"');
    bench.write('actions/lib/helper.py', 'WHERE = "actions/lib"');
    bench.write('lib/common.py', 'WHERE = "lib"');
    // As many packs of the exchange have it.
    bench.write('actions/lib/__init__.py', '');
    bench.write('actions/lib/base.py', 'WHERE = "lib.base"');
    const { result } = await runFile(
      `import six, beside, helper, common
from six.moves.urllib.parse import urlparse
from st2actions.runners.pythonrunner import Action
from st2common import log as logging
from st2common.constants.keyvalue import SYSTEM_SCOPE
from st2client.client import Client
from st2client.models import KeyValuePair, LiveAction
from st2client.models.keyvalue import KeyValuePair as Same
from lib import base
assert Same is KeyValuePair
LOG = logging.getLogger(__name__)
class Subject(Action):
    def run(self):
        return [beside.WHERE, base.WHERE, helper.WHERE, common.WHERE, LOG.name, urlparse("http://h/p").netloc, SYSTEM_SCOPE]
`,
      {},
      'finds_modules',
    );
    expect(result.result).toEqual(['beside', 'lib.base', 'actions/lib', 'lib', 'st2.finds_modules', 'h', 'system']);
  });

  it('the folders of packs, by the names of StackStorm', async () => {
    const { result } = await runBody(
      `from st2common.content import utils
from st2common.content.utils import get_pack_base_path, get_pack_directory, get_pack_resource_file_abs_path
def refused(call):
    try:
        return call()
    except ValueError as error:
        return str(error)[:17]
return [
    utils.get_packs_base_paths(), get_pack_base_path("demo"), get_pack_base_path("other", include_trailing_slash=True), get_pack_directory("other"),
    get_pack_resource_file_abs_path("demo", "action", "a.sh"), refused(lambda: utils.get_pack_file_abs_path("demo", "../x")),
]`,
    );
    const packs = dirname(bench.pack);
    expect(result.result).toEqual([
      [packs],
      bench.pack,
      `${packs}/other/`,
      null,
      `${bench.pack}/actions/a.sh`,
      'Invalid file path',
    ]);
  });

  it('errors, references, programs and other small things, by the names of StackStorm', async () => {
    const { result } = await runBody(
      `from st2common.exceptions.action import InvalidActionParameterException
from st2common.models.system.action import ShellScriptAction
from st2common.models.system.common import ResourceReference
from st2common.util.monkey_patch import monkey_patch
from st2common.util.shell import quote_unix, run_command
from st2common.util.green.shell import run_command as run_green
from st2common.util.ujson import fast_deepcopy
from st2client.commands.resource import ResourceNotFoundError
monkey_patch()
words = ShellScriptAction("", "", "")._get_script_arguments({"--list": ["a", 1], "--on": True, "--off": False, "--none": None}, {1: "b c", 0: "a"})
return [
    issubclass(InvalidActionParameterException, Exception), ResourceReference.from_string_reference("pack.name.with.dots").name, quote_unix("a b"),
    run_command(["sh", "-c", "echo out; echo err >&2; exit 3"]), run_green("sleep 5", shell=True, timeout=0.1)[3], fast_deepcopy({"a": [1]}), words,
]`,
    );
    expect(result.result).toEqual([
      true,
      'name.with.dots',
      "'a b'",
      [3, 'out\n', 'err\n'],
      true,
      { a: [1] },
      `--list='['"'"'a'"'"', 1]' --on a 'b c'`,
    ]);
  });

  it('green threads, where nobody brought eventlet', async () => {
    const { result } = await runBody(
      `import eventlet
from eventlet.green import socket, subprocess
from eventlet.greenpool import GreenPool
eventlet.monkey_patch(os=True, select=True, socket=True, thread=True, time=True)
def fails():
    raise ValueError("in it")
def answer(call):
    try:
        return call()
    except ValueError as error:
        return str(error)
pool = GreenPool(2)
said = []
for number in range(4):
    pool.spawn_n(said.append, number)
pool.waitall()
later = eventlet.spawn_after(60, said.append, "never")
later.cancel()
return [eventlet.spawn(lambda a, b: a + b, 1, b=2).wait(), answer(eventlet.spawn(fails).wait), sorted(said), list(pool.imap(abs, [-3, -1])),
    pool.running(), pool.free(), socket.AF_INET == __import__("socket").AF_INET, eventlet.sleep(0)]`,
    );
    expect(result.result).toEqual([3, 'in it', [0, 1, 2, 3], [3, 1], 0, 2, true, null]);
  });

  it('locks that hold between two actions', async () => {
    const body = `import time
from st2common.services import coordination
lock = coordination.get_coordinator().get_lock("demo.counter")
with lock:
    other = coordination.get_coordinator().get_lock(b"demo.counter").acquire(blocking=False)
    begun = time.time()
    time.sleep(0.3)
    return [other, begun, time.time()]`;
    const both = await Promise.all([runBody(body), runBody(body)]);
    const spans = both.map(({ result }) => result.result as [boolean, number, number]); // as the body answers
    const [first, second] = spans.sort((left, right) => left[1] - right[1]);
    expect(first?.[0]).toBe(false);
    expect(second?.[1]).toBeGreaterThanOrEqual(first?.[2] ?? Number.POSITIVE_INFINITY);
  });

  it('the same Python and modules in programs that it starts', async () => {
    bench.write('actions/lib/helper.py', 'WHERE = "actions/lib"');
    const { result } = await runBody(
      'import subprocess, sys\nreturn subprocess.check_output([sys.executable, "-c", "import helper, st2client; print(helper.WHERE)"], text=True)',
    );
    expect(result.result).toBe('actions/lib\n');
  });

  it('nothing of it on the command line of any process', async () => {
    const { result } = await runBody(
      'import os\npids = [os.getpid(), os.getppid()]\nreturn [open("/proc/%d/cmdline" % p).read() for p in pids]',
      { actionParameters: { password: 'geheim-123' }, config: { token: 'geheim-456' } },
    );
    expect(result.result).toHaveLength(2);
    expect(JSON.stringify(result.result)).not.toContain('geheim');
  });

  it('no file written into its pack', async () => {
    bench.write('actions/lib/cached.py', 'X = 1');
    await runBody('import cached');
    expect(readdirSync(`${bench.pack}/actions/lib`)).not.toContain('__pycache__');
    expect(readdirSync(`${bench.pack}/actions`)).not.toContain('__pycache__');
  });
});

describe.skipIf(PYTHON === undefined)('which class is the action', () => {
  it('the first by name of those the file defines, that has a run, whatever it inherits from', async () => {
    bench.write('actions/lib/bases.py', `${HEAD}class Base(Action):\n    def run(self):\n        return "imported"\n`);
    const { result } = await runFile(
      'from bases import Base\nclass A(object):\n    pass\nclass C(Base):\n    def run(self):\n        return "c"\nclass B(object):\n    def __init__(self, config):\n        self.config = config\n    def run(self):\n        return "b"\n',
    );
    expect(result.result).toBe('b');
  });

  it.each([
    ['no class', 'x = 1', /defines no class with a method "run"/],
    ['a syntax error', 'def broken(:\n', /^SyntaxError: /],
    [
      'an import that is missing',
      'import surely_not_there\n',
      /The Python module "surely_not_there" is not installed for pack "demo" \(interpreter .*\)\. Name what brings it in .*requirements\.txt/,
    ],
    [
      'an import of what only StackStorm has',
      'from st2common.persistence.action import Action\n',
      /^ModuleNotFoundError: "st2common\.persistence" is a part of StackStorm itself that Petrel does not have/,
    ],
    ['an import that fails', 'raise RuntimeError("at import")\n', /^RuntimeError: at import$/],
  ])('none: a clear error for %s', async (_, source, error) => {
    const { status, result } = await runFile(source);
    expect(status).toBe('failed');
    expect(result.error).toMatch(error);
    expect(result.exit_code).toBe(1);
  });

  it('a file named as a standard module does not take that module away', async () => {
    const { result } = await runFile(
      `${HEAD}import json\nclass Subject(Action):\n    def run(self):\n        return json.dumps({"a": 1})\n`,
      {},
      'json',
    );
    expect(result.result).toBe('{"a": 1}');
  });

  it('a file that is not there is named', async () => {
    const runner = pythonScript({ python: bench.host, packFolder: () => bench.pack });
    const { status, result } = await runner.run(harness({ entryPath: `${bench.pack}/actions/gone.py` }).run);
    expect(status).toBe('failed');
    expect((result as JsonObject).error).toMatch(/There is no file ".*gone\.py"/);
  });
});

describe.skipIf(PYTHON === undefined)('output', () => {
  it('streams while the action runs, and is kept per stream', async () => {
    const seen: string[] = [];
    const { result } = await runBody(
      'import sys, time\nprint("one")\nsys.stderr.write("two\\n")\ntime.sleep(0.3)\nprint("three")\nreturn time.time()',
      { onOutput: (_, data) => seen.push(`${data.trim()}@${Date.now()}`) },
    );
    expect(result).toMatchObject({ stdout: 'one\nthree\n', stderr: 'two\n' });
    const at = (word: string) => Number(seen.find((piece) => piece.startsWith(word))?.split('@')[1]);
    expect(at('three') - at('one')).toBeGreaterThan(200);
  });

  it('of 100 MB is cut and says so, and the action goes on', async () => {
    const { status, result } = await runBody(
      'import sys\nfor _ in range(1600):\n    sys.stdout.write("x" * 65535 + "\\n")\nreturn "done"',
      { onOutput: () => {} },
    );
    expect(status).toBe('succeeded');
    expect(result.result).toBe('done');
    const { stdout } = result;
    expect(String(stdout).length).toBeLessThan(10.1 * 1024 * 1024);
    expect(String(stdout)).toMatch(/\[output cut: only the first 10485760 bytes are kept\]\n$/);
  });

  it('that is no text, and text in every language, harm nothing', async () => {
    const { result } = await runBody('import os\nos.write(1, b"\\xff\\xfe")\nprint("żółw 🐢")');
    expect(result.stdout).toBe('��żółw 🐢\n');
  });
});

describe('what the runner refuses', () => {
  it('a revision of the pack', async () => {
    const runner = pythonScript({});
    const { status, result } = await runner.run(
      harness({ entryPath: '/x.py', runnerParameters: { content_version: 'abc' } }).run,
    );
    expect(status).toBe('failed');
    expect((result as JsonObject).error).toMatch(/asks for revision "abc" of its pack \(content_version\)/);
  });

  it('to run without Python, saying what to install', async () => {
    const bench = openPythonBench({ python: '/nowhere/python3' });
    const runner = pythonScript({ python: bench.host, packFolder: () => bench.pack });
    const { status, result } = await runner.run(harness({ entryPath: bench.write('actions/a.py', '') }).run);
    expect(status).toBe('failed');
    expect((result as JsonObject).error).toMatch(
      /"\/nowhere\/python3" does not work: .*ENOENT.*\. Install Python 3\.8 or later \(Debian and Ubuntu: apt-get install python3 python3-venv\), or name another one with PETREL_PYTHON=PATH\./,
    );
    await bench.close();
  });
});
