"""The part of `six` that packs use, on Python 3."""

import builtins
import functools
import io
import operator
import sys
import types

__version__ = "1.16.0"

PY2 = False
PY3 = True
PY34 = True

string_types = (str,)
integer_types = (int,)
class_types = (type,)
text_type = str
binary_type = bytes
MAXSIZE = sys.maxsize

StringIO = io.StringIO
BytesIO = io.BytesIO
wraps = functools.wraps
unichr = chr
int2byte = operator.methodcaller("to_bytes", 1, "big")
byte2int = operator.itemgetter(0)
next = advance_iterator = builtins.next
callable = builtins.callable
print_ = builtins.print


def iteritems(mapping, **kwargs):
    return iter(mapping.items(**kwargs))


def iterkeys(mapping, **kwargs):
    return iter(mapping.keys(**kwargs))


def itervalues(mapping, **kwargs):
    return iter(mapping.values(**kwargs))


viewitems = operator.methodcaller("items")
viewkeys = operator.methodcaller("keys")
viewvalues = operator.methodcaller("values")


def u(text):
    return text


def b(text):
    return text.encode("latin-1")


def ensure_str(value, encoding="utf-8", errors="strict"):
    return value.decode(encoding, errors) if isinstance(value, bytes) else value


ensure_text = ensure_str


def ensure_binary(value, encoding="utf-8", errors="strict"):
    return value.encode(encoding, errors) if isinstance(value, str) else value


def reraise(kind, value, traceback=None):
    if value is None:
        value = kind()
    raise value.with_traceback(traceback)


def raise_from(value, cause):
    raise value from cause


def with_metaclass(meta, *bases):
    return meta("Base", bases or (object,), {})


def add_metaclass(metaclass):
    def wrapper(cls):
        members = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
        return metaclass(cls.__name__, cls.__bases__, members)

    return wrapper


def python_2_unicode_compatible(cls):
    return cls


def get_method_function(method):
    return method.__func__


def create_bound_method(function, instance):
    return types.MethodType(function, instance)


def _moves():
    import configparser
    import html
    import http.client
    import http.cookiejar
    import http.cookies
    import http.server
    import itertools
    import pickle
    import queue
    import urllib.error
    import urllib.parse
    import urllib.request
    import urllib.response
    import urllib.robotparser

    moves = types.ModuleType("six.moves")
    moves.__path__ = []
    modules = {
        "configparser": configparser,
        "html_entities": html,
        "http_client": http.client,
        "http_cookiejar": http.cookiejar,
        "http_cookies": http.cookies,
        "BaseHTTPServer": http.server,
        "cPickle": pickle,
        "queue": queue,
        "urllib": urllib,
        "urllib.error": urllib.error,
        "urllib.parse": urllib.parse,
        "urllib.request": urllib.request,
        "urllib.response": urllib.response,
        "urllib.robotparser": urllib.robotparser,
        "builtins": builtins,
    }
    for name, module in modules.items():
        sys.modules["six.moves." + name] = module
        if "." not in name:
            setattr(moves, name, module)
    names = {
        "input": builtins.input,
        "range": builtins.range,
        "xrange": builtins.range,
        "map": builtins.map,
        "filter": builtins.filter,
        "zip": builtins.zip,
        "zip_longest": itertools.zip_longest,
        "filterfalse": itertools.filterfalse,
        "reduce": functools.reduce,
        "StringIO": io.StringIO,
        "cStringIO": io.StringIO,
        "shlex_quote": __import__("shlex").quote,
    }
    for name, value in names.items():
        setattr(moves, name, value)
    sys.modules["six.moves"] = moves
    return moves


moves = _moves()
