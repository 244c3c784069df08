"""Loads the files of a pack, and translates those that are Python 2 on the way. What was translated is kept as compiled files are."""

import ast
import importlib.machinery
import importlib.util
import os
import sys
import traceback

from petrel_host.python2 import telling, translating


class Untranslatable(ImportError):
    """The file is Python 2, and there is nothing here to translate it with."""


class PackLoader(importlib.machinery.SourceFileLoader):
    # Called only where there is no compiled file for what the source is now.
    def source_to_code(self, data, path, *, _optimize=-1):
        judgement = judge(importlib.util.decode_source(data), path)
        if judgement is not None and judgement.text is not None:
            data = judgement.text
        elif judgement is not None and not judgement.reads:
            raise Untranslatable(judgement.complaint(path))
        return super(PackLoader, self).source_to_code(data, path, _optimize=_optimize)


class Judgement(object):
    """Of a file that is Python 2: the first place that shows it, the translation where there is one, and whether Python 3 can read it untranslated."""

    def __init__(self, place, text, reads):
        self.line, self.column, self.what = place
        self.text = text
        self.reads = reads

    def complaint(self, file):
        return 'The file "%s" is Python 2 (line %d: %s). %s' % (file, self.line, self.what, remedy(file))


def remedy(file):
    return (
        'Python %s cannot translate it, because it has no lib2to3. Install that (Debian and Ubuntu: apt-get install python3-lib2to3; Python 3.12 is the '
        'last to have it), or convert the file with "2to3 -w %s".' % (sys.version.split()[0], file)
    )


def judge(source, file):
    """None for Python 3. Raises SyntaxError for what is neither."""
    try:
        found = telling.of_tree(ast.parse(source, file))
    except SyntaxError as error:
        # lib2to3 knows for certain whether Python 2 takes it; without it the line must do.
        what = telling.of_error(error)
        text = translation(source, file)
        if text is None and (what is None or translating.is_there()):
            raise
        return Judgement((error.lineno or 1, error.offset or 1, what or "what Python 3 refuses: %s" % error.msg), text, False)
    if not found:
        return None
    text = translation(source, file)
    # What only Python 3 has (`match`, `:=`) and Python 2 has not is in the same file: it is meant for Python 3, whatever else it holds.
    return None if text is None and translating.is_there() else Judgement(found[0], text, True)


def translation(source, file):
    text = translating.translated(source, file) if translating.is_there() else None
    return text if text is not None and compiles(text, file) else None


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
    found = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_globals.get(translating.MARK)]
    if not found:
        return ""
    return (
        'The file "%s" is Python 2 and ran translated (line %d); what no translation knows, such as which texts are bytes, may be why. "2to3 -w" converts it '
        "for good." % found[-1]
    )


def importer(error):
    """The file whose import failed."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return [file for file in files if not file.startswith("<")][-1]
