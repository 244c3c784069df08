"""Finds the class in a pack's file."""

import importlib.util
import inspect
import os
import sys

from petrel_host.python2 import loader, telling

#: What a pack cannot install.
STACKSTORM = ("st2common", "st2actions", "st2reactor", "st2client", "st2tests", "st2api", "st2auth", "st2exporter")


def load_module(file):
    if not os.path.isfile(file):
        raise ImportError('There is no file "%s".' % file)
    folder = os.path.dirname(file)
    if folder not in sys.path:
        sys.path.append(folder)
    name = os.path.splitext(os.path.basename(file))[0]
    # An action may be called json.py; it must not take the place of the module that everybody else means.
    if not name.isidentifier() or name in sys.modules or name in sys.builtin_module_names:
        name = "petrel_pack_" + "".join(char if char.isalnum() else "_" for char in name)
    if not file.endswith(".py"):
        raise ImportError('"%s" is no Python file: its name must end with .py.' % file)
    spec = importlib.util.spec_from_file_location(name, file, loader=loader.PackLoader(name, file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def action_class(file):
    """As StackStorm: of the classes that the file itself defines the first by name that has a method `run`, whatever it inherits from."""
    module = load_module(file)
    classes = [
        member
        for _, member in sorted(vars(module).items())
        if inspect.isclass(member) and member.__module__ == module.__name__ and has_concrete(member, "run")
    ]
    if not classes:
        raise ImportError('The file "%s" defines no class with a method "run", so there is no action in it.' % file)
    return classes[0]


def sensor_class(file, name):
    found = getattr(load_module(file), name.rpartition(".")[2], None)
    if not inspect.isclass(found):
        raise ImportError('The file "%s" has no class "%s", which the sensor\'s class_name says.' % (file, name))
    return found


def has_concrete(member, method):
    function = getattr(member, method, None)
    return callable(function) and not getattr(function, "__isabstractmethod__", False)


def explain(error, request):
    """What went wrong for the result, and of a missing module what to do about it."""
    if isinstance(error, ModuleNotFoundError) and error.name in telling.MODULES:
        return 'The module "%s" is one of Python 2. %s' % (error.name, loader.remedy(loader.importer(error)))
    if isinstance(error, ModuleNotFoundError) and error.name:
        if error.name.split(".")[0] in STACKSTORM:
            return '%s: "%s" is a part of StackStorm itself that Petrel does not have (docs/python.md says which it has).' % (type(error).__name__, error.name)
        missing = 'The Python module "%s" is not installed for pack "%s" (interpreter %s).' % (error.name, request["pack"], sys.executable)
        if request.get("problem"):
            return "%s %s" % (missing, request["problem"])
        requirements = os.path.join(request["folder"], "requirements.txt")
        return "%s Name what brings it in %s; Petrel installs that before the next run." % (missing, requirements)
    if isinstance(error, loader.Untranslatable):
        return str(error)
    if isinstance(error, MemoryError):
        return "Out of memory: the process reached its memory limit."
    text = str(error)
    # By the name that the pack's author knows.
    name = next(kind.__name__ for kind in type(error).__mro__ if not kind.__module__.startswith("petrel_host"))
    said = "%s: %s" % (name, text) if text else name
    note = loader.note(error)
    return "%s. %s" % (said.rstrip("."), note) if note else said
