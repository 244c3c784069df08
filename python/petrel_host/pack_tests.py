"""Runs a pack's own tests: `python -m petrel_host.pack_tests FOLDER`, in the pack's folder. Exit code 0: there were some, and all passed.

As StackStorm's runner of tests and unlike unittest it heeds `__test__ = False`, with which packs keep the base classes of their tests from
running by themselves, takes test functions that are in no class, and looks into folders that are no packages.
"""

import fnmatch
import importlib
import inspect
import os
import sys
import unittest

PATTERN = "test_*.py"


class Loader(unittest.TestLoader):
    def loadTestsFromTestCase(self, testCaseClass):
        if not getattr(testCaseClass, "__test__", True):
            return self.suiteClass([])
        return super(Loader, self).loadTestsFromTestCase(testCaseClass)

    def loadTestsFromModule(self, module, *args, **kwargs):
        suite = super(Loader, self).loadTestsFromModule(module, *args, **kwargs)
        for name, member in sorted(vars(module).items()):
            if name.startswith("test_") and inspect.isfunction(member) and member.__module__ == module.__name__:
                if not inspect.signature(member).parameters:
                    suite.addTest(unittest.FunctionTestCase(member, description="%s.%s" % (module.__name__, name)))
        return suite


def discover(folder):
    """All `test_*.py` below the folder. Those in a package are imported by the package's name, so that they can import each other."""
    loader = Loader()
    suite = unittest.TestSuite()
    for start, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", "node_modules", "fixtures"))
        for file in sorted(fnmatch.filter(files, PATTERN)):
            suite.addTest(load(loader, os.path.join(start, file)))
    return suite


def load(loader, file):
    top, name = module_of(file)
    sys.path.insert(0, top)
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) != file:
        del sys.modules[name]  # of another folder
    try:
        return loader.loadTestsFromModule(importlib.import_module(name))
    except Exception as caught:  # which includes the wish to be skipped
        error = caught

        def runs():
            raise error

        return unittest.FunctionTestCase(runs, description=name)


def module_of(file):
    """The folder to import it from, and its name from there."""
    folder, base = os.path.split(file)
    name = os.path.splitext(base)[0]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        name = "%s.%s" % (package, name)
    return folder, name


def main():
    # What packs take for granted in their tests; what is really installed wins.
    sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fallback"))
    suite = discover(os.path.abspath(sys.argv[1]))
    if suite.countTestCases() == 0:
        sys.stderr.write("There is no test in %s.\n" % sys.argv[1])
        sys.exit(1)
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)


if __name__ == "__main__":
    main()
