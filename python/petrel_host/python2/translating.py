"""Python 2 to Python 3, text to text, by lib2to3."""

import logging
import warnings

#: Of lib2to3's fixers the one that turns `from lib import x` into a relative import: the files of packs are loaded by themselves.
LEFT_OUT = {"lib2to3.fixes.fix_import"}

#: Set in every module that was translated, so that an error can tell.
MARK = "__petrel_translated__"

# What lib2to3 says of its own work would stand in the log of the pack.
for _name in ("RefactoringTool", "lib2to3.pgen2.driver"):
    logging.getLogger(_name).disabled = True

_tools = {}


def is_there():
    try:
        _import("lib2to3.refactor")
        return True
    except ImportError:
        return False


def translated(source, name):
    """None when lib2to3 cannot read it either. Raises ImportError when there is no lib2to3."""
    text = source if source.endswith("\n") else source + "\n"
    text = text.replace("\r\n", "\n")
    parse_error = _import("lib2to3.pgen2.parse").ParseError
    token_error = _import("lib2to3.pgen2.tokenize").TokenError
    for print_function in (False, True):
        try:
            return "%s\n%s = True\n" % (_tool(print_function).refactor_string(_untabbed(text), name), MARK)
        except (parse_error, token_error, IndentationError):
            continue
    return None


def _untabbed(text):
    """Python 2 counts a tab in an indentation as up to eight blanks; Python 3 refuses to count. Tabs in texts stay."""
    if "\t" not in text:
        return text
    tokenizer = _import("lib2to3.pgen2.tokenize")
    lines = text.split("\n")
    source = iter([line + "\n" for line in lines[:-1]] + [""])
    inside = set()
    for kind, _, (first, _), (last, _), _ in tokenizer.generate_tokens(source.__next__):
        if kind == tokenizer.STRING:
            inside.update(range(first + 1, last + 1))
    for number, line in enumerate(lines, 1):
        rest = line.lstrip(" \t")
        if number not in inside:
            lines[number - 1] = line[: len(line) - len(rest)].expandtabs(8) + rest
    return "\n".join(lines)


def _tool(print_function):
    tool = _tools.get(print_function)
    if tool is None:
        refactor = _import("lib2to3.refactor")
        names = [name for name in refactor.get_fixers_from_package("lib2to3.fixes") if name not in LEFT_OUT]
        tool = refactor.RefactoringTool(names + ["petrel_host.python2.fix_string"], {"print_function": print_function})
        _tools[print_function] = tool
    return tool


def _import(name):
    import importlib

    # It reads its grammar as it is imported, and says so to the root logger.
    disabled = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it goes is no news to whoever runs the pack
            return importlib.import_module(name)
    finally:
        logging.disable(disabled)
