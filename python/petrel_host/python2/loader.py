"""Loads the files of a pack, and translates those that are Python 2 on the way. What was translated is kept as compiled files are."""

import ast
import importlib.machinery
import importlib.util
import os
import sys

from petrel_host.python2 import telling, translating


class Untranslatable(ImportError):
    """The file is Python 2, and there is nothing here to translate it with."""


class PackLoader(importlib.machinery.SourceFileLoader):
    # Called only where there is no compiled file for what the source is now.
    def source_to_code(self, data, path, *, _optimize=-1):
        source = importlib.util.decode_source(data)
        judgement = judge(source, path)
        if judgement is None:
            return super(PackLoader, self).source_to_code(data, path, _optimize=_optimize)
        if judgement.text is None:
            raise Untranslatable(judgement.complaint(path))
        return super(PackLoader, self).source_to_code(judgement.text.encode("utf-8"), path, _optimize=_optimize)


class Judgement(object):
    """Of a file that is Python 2: the first place that shows it, and the translation where there is one."""

    def __init__(self, place, text):
        self.line, self.column, self.what = place
        self.text = text

    def complaint(self, file):
        return (
            'The file "%s" is Python 2 (line %d: %s), and Python %s cannot translate it, because it has no lib2to3. Install that (Debian and Ubuntu: '
            'apt-get install python3-lib2to3; Python 3.12 is the last to have it), or convert the file with "2to3 -w %s".'
            % (file, self.line, self.what, sys.version.split()[0], file)
        )


def judge(source, file):
    """None for Python 3. Raises SyntaxError for what is neither."""
    try:
        found = telling.of_tree(ast.parse(source, file))
        if not found:
            return None
        place = found[0]
    except SyntaxError as error:
        # lib2to3 knows for certain whether Python 2 takes it; without it the line must do.
        place = (error.lineno or 1, error.offset or 1, telling.of_error(error))
        if not translating.is_there() and place[2] is None:
            raise
        text = translating.translated(source, file) if translating.is_there() else None
        if translating.is_there() and (text is None or not compiles(text, file)):
            raise
        return Judgement((place[0], place[1], place[2] or "what Python 3 refuses: %s" % error.msg), text)
    return Judgement(place, translating.translated(source, file) if translating.is_there() else None)


def compiles(text, file):
    try:
        compile(text, file, "exec", dont_inherit=True)
        return True
    except (SyntaxError, ValueError):
        return False


def watch_over(folder):
    """From now on what is imported from below the folder is loaded so, too."""
    below = os.path.join(os.path.abspath(folder), "")
    details = [
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (PackLoader, importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
    ]
    finder = importlib.machinery.FileFinder.path_hook(*details)

    def is_below(path):
        return os.path.join(os.path.abspath(path), "").startswith(below)

    def hook(path):
        if not is_below(path):
            raise ImportError("not of the pack")
        return finder(path)

    sys.path_hooks.insert(0, hook)
    for path in [path for path in sys.path_importer_cache if isinstance(path, str) and is_below(path)]:
        del sys.path_importer_cache[path]


def note(error):
    """Of an error in a file that was translated: what to think of; otherwise nothing."""
    trace = error.__traceback__
    found = None
    while trace is not None:
        if trace.tb_frame.f_globals.get(translating.MARK):
            found = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    if found is None:
        return ""
    return 'The file "%s" is Python 2 and ran translated (line %d); what no translation knows, such as which texts are bytes, may be why. "2to3 -w" converts it for good.' % found
