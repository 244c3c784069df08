"""JSON, by StackStorm's names."""

import json


def json_encode(obj, indent=None, sort_keys=False):
    return json.dumps(obj, indent=indent, sort_keys=sort_keys)


def json_decode(data):
    return json.loads(data)


def json_loads(obj, keys=None):
    """Reads the texts below these keys, in place; all keys when none are named."""
    for key in keys or list(obj):
        try:
            obj[key] = json.loads(obj[key])
        except (KeyError, TypeError, ValueError):
            pass
    return obj


def try_loads(text):
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text
