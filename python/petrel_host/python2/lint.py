"""`python -m petrel_host.python2.lint`: reads `{files, paths}` as JSON (`paths` are the pack's import paths), and answers what is to be said."""

import importlib.util
import json
import sys
import warnings

from petrel_host.python2 import loader


def complaints(files):
    for file in files:
        try:
            with open(file, "rb") as stream:
                data = stream.read()
            judgement = loader.judge(importlib.util.decode_source(data), file)
        except SyntaxError as error:
            text = "The file is no Python, neither 3 nor 2: %s." % error.msg
            yield complaint("error", file, error.lineno, error.offset, text)
            continue
        except (OSError, ValueError) as error:
            yield complaint("error", file, 1, 1, "The file cannot be read: %s." % error)
            continue
        if judgement is None:
            continue
        if judgement.text is None:
            severity = "warning" if judgement.reads else "error"
            yield complaint(severity, file, judgement.line, judgement.column, judgement.complaint(file))
            continue
        text = (
            "This is Python 2: %s. Petrel translates the file when it is loaded, but what no translation knows, such as which texts are bytes, stays as it "
            'is. Convert it with "2to3 -w %s".' % (judgement.what, file)
        )
        yield complaint("warning", file, judgement.line, judgement.column, text)


def complaint(severity, file, line, column, message):
    return {"severity": severity, "file": file, "line": line or 1, "column": max(column or 1, 1), "message": message}


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of the pack's own code, and no affair of whoever checks it
    request = json.load(sys.stdin)
    sys.path.extend(request["paths"])  # behind everything: nothing of the pack is to be run here, only found
    json.dump(list(complaints(request["files"])), sys.stdout)
