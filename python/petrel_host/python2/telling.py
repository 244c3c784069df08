"""What in a file is Python 2's and nothing else: places as (line, column, what), both counted from 1."""

import ast
import importlib.util
import re

#: Modules that have another name today.
MODULES = frozenset(
    "BaseHTTPServer ConfigParser Cookie HTMLParser Queue SimpleHTTPServer SocketServer StringIO Tkinter UserDict UserList UserString "
    "__builtin__ cPickle cStringIO commands cookielib copy_reg htmlentitydefs httplib md5 robotparser sets sha thread urllib2 urlparse "
    "xmlrpclib".split()
)

#: What modules had that they lack today.
MEMBERS = {
    "urllib": frozenset("pathname2url quote quote_plus unquote unquote_plus url2pathname urlencode urlopen urlretrieve".split()),
    "string": frozenset(
        "atof atoi atol capitalize center count expandtabs find index join joinfields letters ljust lower lowercase lstrip maketrans replace "
        "rfind rindex rjust rstrip split splitfields strip swapcase translate upper uppercase zfill".split()
    ),
}

NAMES = frozenset("basestring execfile long raw_input reduce unichr unicode xrange".split())

METHODS = frozenset("has_key iteritems iterkeys itervalues".split())

#: Of a line that Python 3 refuses, for a Python without lib2to3, which would know for certain.
SYNTAX = (
    (re.compile(r"^\s*(?:.*[:;]\s*)?print(?:\s+[^=(\s.]|\s*>>|\s*$)|^\s*print\s*\(.*\)\s*%"), "print without parentheses"),
    (re.compile(r"^\s*except\s+[^:]+,\s*\w+\s*:"), '"except X, e" instead of "except X as e"'),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), '"raise X, text" instead of "raise X(text)"'),
    (re.compile(r"^\s*exec\s+[^(\s]"), "exec without parentheses"),
    (re.compile(r"<>"), '"<>" instead of "!="'),
    (re.compile(r"(?<![\w.])0[0-7]+\b"), "an octal number without 0o"),
    (re.compile(r"\b[0-9]+[lL]\b"), "a number that ends with L"),
    (re.compile(r"\bur['\"]"), "text of the kind ur''"),
    (re.compile(r"`[^`]+`"), "a repr in backquotes"),
    (re.compile(r"def\s+\w+\s*\(.*\(.*\).*\)\s*:|lambda\s*\("), "a parameter that is a tuple"),
)


def of_error(error):
    """What Python 3 refuses is Python 2; None when nothing of the line is known to be."""
    if isinstance(error, TabError):
        return "tabs among the blanks of an indentation"
    return next((what for pattern, what in SYNTAX if pattern.search(error.text or "")), None)


def of_tree(tree):
    """Of a file that Python 3 can read. What a version check or an `except ImportError` guards is meant for both."""
    finder = Finder(tree)
    finder.visit(tree)
    return sorted(finder.found)


class Finder(ast.NodeVisitor):
    def __init__(self, tree):
        self.found = []
        self.guards = 0
        nodes = list(ast.walk(tree))
        self.bound = set(binding_names(nodes))
        self.imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names if alias.asname is None}
        # Whatever such an import brings in may be what a name means.
        self.open = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in nodes)

    def tell(self, node, what):
        if not self.guards:
            self.found.append((node.lineno, node.col_offset + 1, what))

    def guarded(self, nodes):
        self.guards += 1
        for node in nodes:
            self.visit(node)
        self.guards -= 1

    def visit_Try(self, node):
        if any(catches(handler) for handler in node.handlers):
            self.guarded([*node.body, *node.handlers, *node.orelse, *node.finalbody])
        else:
            self.generic_visit(node)

    def visit_If(self, node):
        if asks_version(node.test):
            self.guarded([*node.body, *node.orelse])
        else:
            self.generic_visit(node)

    def visit_IfExp(self, node):
        if not asks_version(node.test):
            self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name in MODULES and not is_there(alias.name):
                self.tell(node, "the module %s" % alias.name)

    def visit_ImportFrom(self, node):
        if node.level:
            return
        if node.module in MODULES and not is_there(node.module):
            self.tell(node, "the module %s" % node.module)
        for alias in node.names:
            if alias.name in MEMBERS.get(node.module, ()):
                self.tell(node, "%s.%s" % (node.module, alias.name))

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in NAMES and node.id not in self.bound and not self.open:
            self.tell(node, node.id)

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name):
            module = node.value.id
            if module in self.imported and module not in self.bound and node.attr in MEMBERS.get(module, ()):
                self.tell(node, "%s.%s" % (module, node.attr))
        self.generic_visit(node)

    def visit_Call(self, node):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else None
        if method in METHODS and method not in self.bound and len(node.args) == (1 if method == "has_key" else 0):
            self.tell(node, "%s()" % method)
        self.generic_visit(node)


def binding_names(nodes):
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if isinstance(node, ast.ImportFrom) or alias.asname:
                    yield alias.asname or alias.name


def catches(handler):
    """Whether it handles what Python 3 answers to Python 2's names."""
    if handler.type is None:
        return False  # code of that time catches everything around everything
    names = {getattr(node, "id", getattr(node, "attr", None)) for node in ast.walk(handler.type)}
    return bool(names & {"ImportError", "ModuleNotFoundError", "NameError", "AttributeError"})


def asks_version(test):
    names = {getattr(node, "id", getattr(node, "attr", None)) for node in ast.walk(test)}
    return bool(names & {"PY2", "PY3", "version_info", "hexversion", "python_version"})


def is_there(module):
    """A pack may have a module of that name itself."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
