import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { lintPython, pythonScript } from '../../../src/runners/python/index.ts';
import { openPythonBench, PYTHON, type PythonBench, TRANSLATES } from '../../python.ts';
import { type HarnessOptions, harness } from '../harness.ts';

let bench: PythonBench;
beforeAll(() => {
  bench = openPythonBench();
});
afterAll(() => bench.close());

const OLD = 'from st2actions.runners.pythonrunner import Action\n';

async function runFile(name: string, source: string, options: HarnessOptions = {}) {
  const entryPath = bench.write(`actions/${name}.py`, source);
  const runner = pythonScript({ python: bench.host, packFolder: () => bench.pack, grace: 300 });
  const { status, result } = await runner.run(harness({ entryPath, ...options }).run);
  return { status, result: result as JsonObject }; // the runner answers an object
}

function body(lines: string, head = ''): string {
  const indented = lines.split('\n').map((line) => `        ${line}`);
  return `${OLD}${head}class Subject(Action):\n    def run(self, **given):\n${indented.join('\n')}\n`;
}

describe.skipIf(!TRANSLATES)('an action that is Python 2', () => {
  it.each<[name: string, source: string, result: unknown, stdout: string]>([
    [
      'print',
      body('print "a", 1\nprint >>self.out(), "b",\nreturn 1\n').replace('self.out()', '__import__("sys").stdout'),
      1,
      'a 1\nb ',
    ],
    ['except', body('try:\n    raise ValueError, "x"\nexcept ValueError, e:\n    return str(e)'), 'x', ''],
    [
      'tabs',
      body('try:\n    x = 1\n\treturn "a\\tb" + """\n\tc"""\nfinally:\n    pass')
        .replace('        \treturn', '\t    return')
        .replace('        \tc', '\tc'),
      'a\tb\n\tc',
      '',
    ],
    ['dict', body('return sorted("%s%d" % pair for pair in {"a": 1}.iteritems())'), ['a1'], ''],
    ['items', body('print "x"\nreturn {"a": 1}.items()'), [['a', 1]], 'x\n'],
    ['names', body('return [isinstance("a", basestring), list(xrange(2)), unicode(3)]'), [true, [0, 1], '3'], ''],
    [
      'modules',
      body('return urlparse("http://a/b").netloc', 'import urllib2\nfrom urlparse import urlparse\n'),
      'a',
      '',
    ],
    ['urllib', body('return urllib.urlencode({"a": "b c"})', 'import urllib\n'), 'a=b+c', ''],
    ['string', body('return split("a/b", "/")[-1]', 'from string import split\n'), 'b', ''],
    ['strings', body('return string.join(["a", "b"], "-") + string.letters[:2]', 'import string\n'), 'a-bab', ''],
  ])('runs translated: %s', async (name, source, result, stdout) => {
    expect((await runFile(`old_${name}`, source)).result).toMatchObject({ result, stdout, exit_code: 0 });
  });

  it('runs with libraries that are Python 2, and keeps what was translated', async () => {
    bench.write('actions/lib/__init__.py', '');
    bench.write(
      'actions/lib/base.py',
      'from helpers import shout\n\n\nclass Base(object):\n    def say(self):\n        shout("x")\n',
    );
    bench.write('actions/lib/helpers.py', 'def shout(text):\n    print text.upper()\n');
    const source = body('base.Base().say()', 'from lib import base\n');
    for (let run = 0; run < 2; run += 1) {
      expect((await runFile('old_lib', source)).result).toMatchObject({ stdout: 'X\n', exit_code: 0 });
    }
    const changed = 'def shout(text):\n    print text.lower(), "!"\n';
    bench.write('actions/lib/helpers.py', changed);
    expect((await runFile('old_lib', source)).result).toMatchObject({ stdout: 'x !\n', exit_code: 0 });
  });

  it('says of an error that the file was translated', async () => {
    const { status, result } = await runFile('old_bytes', body('print "x"\nreturn "a" + u"b".encode("utf8")'));
    expect(status).toBe('failed');
    expect(result.error).toMatch(
      /^TypeError: can only concatenate .*\. The file ".*old_bytes\.py" is Python 2 and ran translated \(line 5\); what no translation knows, .*"2to3 -w"/,
    );
  });
});

describe.skipIf(PYTHON === undefined)('an action that is Python 3', () => {
  it.each<[name: string, source: string, result: unknown]>([
    [
      'imports',
      body(
        'return urlparse("http://a/b").netloc',
        'try:\n    from urlparse import urlparse\nexcept ImportError:\n    from urllib.parse import urlparse\n',
      ),
      'a',
    ],
    [
      'versions',
      body('return text("a")', 'import sys\nif sys.version_info[0] < 3:\n    text = unicode\nelse:\n    text = str\n'),
      'a',
    ],
    [
      'own',
      body('return [reduce(1), {"a": 1}.items()]', 'def reduce(x):\n    return x\n\n\n'),
      "[1, dict_items([('a', 1)])]",
    ],
  ])('is left as it is: %s', async (name, source, result) => {
    expect((await runFile(`new_${name}`, source)).result).toMatchObject({ result, exit_code: 0 });
  });

  it('is told of what neither Python takes', async () => {
    const { status, result } = await runFile('broken', `${OLD}class Broken(Action:\n    pass\n`);
    expect(status).toBe('failed');
    expect(result.error).toMatch(/^SyntaxError: .*broken\.py, line 2\)$/);
  });
});

describe.skipIf(!TRANSLATES)('a file', () => {
  it('is Python 3 where Python 2 could not read it', async () => {
    const source = body('total = 0\nif (n := 2) > 3:\n    return unicode(n)\nreturn n');
    expect((await runFile('new_both', source)).result).toMatchObject({ result: 2, exit_code: 0 });
  });

  it('is read in the encoding that it names', async () => {
    const entryPath = bench.write('actions/old_coding.py', '');
    writeFileSync(entryPath, Buffer.from(`# -*- coding: latin-1 -*-\n${body('print "x"\nreturn u"ü"')}`, 'latin1'));
    const runner = pythonScript({ python: bench.host, packFolder: () => bench.pack, grace: 300 });
    expect((await runner.run(harness({ entryPath }).run)).result).toMatchObject({ result: 'ü' });
  });
});

describe.skipIf(PYTHON === undefined)('where there is no lib2to3', () => {
  let other: PythonBench;
  beforeAll(() => {
    other = openPythonBench();
    other.write('lib/lib2to3/__init__.py', 'raise ImportError("this Python has none")\n');
  });
  afterAll(() => other.close());

  const REMEDY = 'Python 3.* has no lib2to3\\. Install that .*python3-lib2to3.*"2to3 -w .*old\\.py"\\.$';

  it.each([
    ['prints', body('print "a"'), '^The file ".*old\\.py" is Python 2 \\(line 4: print without parentheses\\)\\. '],
    ['imports', body('return 1', 'import urllib2\n'), '^The module "urllib2" is one of Python 2\\. '],
  ])('an action that %s as Python 2 fails with what to do', async (_, source, message) => {
    const entryPath = other.write('actions/old.py', source);
    const runner = pythonScript({ python: other.host, packFolder: () => other.pack, grace: 300 });
    const { status, result } = await runner.run(harness({ entryPath }).run);
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringMatching(message + REMEDY) });
  });

  it('an action that only holds Python 2 runs', async () => {
    const entryPath = other.write('actions/half.py', body('return 1 if True else unicode(2)'));
    const runner = pythonScript({ python: other.host, packFolder: () => other.pack, grace: 300 });
    expect(await runner.run(harness({ entryPath }).run)).toMatchObject({ status: 'succeeded', result: { result: 1 } });
  });
});

describe.skipIf(!TRANSLATES)('lint of Python', () => {
  it('names the first place that shows Python 2, and what is no Python', async () => {
    const other = openPythonBench();
    try {
      other.write('actions/good.py', body('return 1'));
      other.write('actions/old.py', body('x = 1\nprint x'));
      other.write('actions/lib/old.py', 'import os, urllib2\n');
      other.write('actions/own.py', 'import Queue\n');
      other.write('actions/lib/Queue.py', '');
      other.write('sensors/broken.py', 'class X(:\n');
      other.write('tests/test_old.py', 'print 1\n');
      const found = await lintPython({ ref: 'demo', path: other.pack }, PYTHON);
      const brief = found.map(({ file, line, column, severity, message }) => {
        return `${relative(other.pack, file)}:${line}:${column} ${severity}: ${message.split('. ', 1)[0]}`;
      });
      expect(brief).toEqual([
        'actions/lib/old.py:1:1 warning: This is Python 2: the module urllib2',
        'actions/old.py:5:9 warning: This is Python 2: print without parentheses',
        expect.stringMatching(/^sensors\/broken\.py:1:9 error: The file is no Python, neither 3 nor 2: /),
      ]);
    } finally {
      await other.close();
    }
  });

  it('has nothing to say of a pack without Python', async () => {
    expect(await lintPython({ ref: 'demo', path: '/nowhere' }, '/no/python')).toEqual([]);
  });
});

describe('lint of Python without a Python', () => {
  it('says so', async () => {
    const other = openPythonBench();
    try {
      other.write('actions/good.py', '');
      const found = await lintPython({ ref: 'demo', path: other.pack }, '/no/python');
      expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
        expect.stringMatching(
          /^warning: The Python of this pack could not be looked at: .*"\/no\/python" does not work.*PETREL_PYTHON/,
        ),
      ]);
    } finally {
      await other.close();
    }
  });
});
