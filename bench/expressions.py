"""The Python originals' side of bench/expressions.mjs: reads classes of cases as JSON, answers evaluations per second of each.

Each expression is evaluated as Orquesta evaluates it: YAQL parses it every time and converts the variables to its own immutable
data; Jinja2 compiles it every time. `cached` is the same with the parsed or compiled expression kept, which Orquesta does not do.
"""

import collections.abc  # noqa: F401 (older releases of yaql use it without importing it)
import functools
import json
import sys
import time

import jinja2
import jinja2.sandbox
import yaql
import yaql.language.utils as yaql_utils


def ctx(context, key=None):
    return context["__vars"][key] if key else context["__vars"]


def item(context, key=None):
    current = context["__vars"].get("__current_item")
    return current[key] if key else current


def result(context):
    return context["__vars"]["__current_task"]["result"]


def task_status(context, task_id, route=None):
    state = context["__vars"]["__state"]
    index = state["tasks"].get("%s__r%s" % (task_id, route or 0))
    return "null" if index is None else state["sequence"][index].get("status", "null")


CONTEXT_FUNCTIONS = {"ctx": ctx, "item": item, "result": result, "task_status": task_status}

engine = yaql.language.factory.YaqlFactory().create()
root = yaql.create_context()
for name, function in CONTEXT_FUNCTIONS.items():
    root.register_function(function, name=name)
root.register_function(json.loads, name="json")

environment = jinja2.sandbox.SandboxedEnvironment(
    undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
environment.filters["json"] = json.loads


def yaql_parse(text):
    return engine(text)


def yaql_run(parsed, data):
    context = root.create_child_context()
    context["__vars"] = yaql_utils.convert_input_data(data)
    return parsed.evaluate(context=context)


def jinja_parse(text):
    return environment.compile_expression(text, undefined_to_none=False)


def jinja_run(compiled, data):
    variables = {"__vars": data, "json": json.loads}
    for name, function in CONTEXT_FUNCTIONS.items():
        variables[name] = functools.partial(function, variables)
    return compiled(**variables)


PARSE = {"yaql": yaql_parse, "jinja": jinja_parse}
RUN = {"yaql": yaql_run, "jinja": jinja_run}


def rate(run, cases, seconds):
    done = 0
    start = time.perf_counter()
    while True:
        for case in cases:
            run(*case)
        done += len(cases)
        passed = time.perf_counter() - start
        if passed >= seconds:
            return done / passed


def main():
    given = json.load(sys.stdin)
    answers = []
    for entry in given["classes"]:
        parse, run = PARSE[entry["language"]], RUN[entry["language"]]
        usable = []
        for case in entry["cases"]:
            data = given["contexts"][case["context"]]
            try:
                run(parse(case["expression"]), data)
                usable.append((case["expression"], data))
            except Exception:  # a function of a newer release, or one that is only Orquesta's
                pass
        if not usable:
            answers.append(None)
            continue
        parsed = [(parse(text), data) for text, data in usable]
        answers.append(
            {
                "cases": len(usable),
                "usual": rate(lambda text, data: run(parse(text), data), usable, given["seconds"]),
                "cached": rate(run, parsed, given["seconds"]),
            }
        )
    json.dump({"yaql": getattr(yaql, "__version__", None), "jinja2": jinja2.__version__, "classes": answers}, sys.stdout)


main()
