"""Times as text, as the API writes them."""

import datetime
import re

_ISO = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)?$")


def validate(value, raise_exception=True):
    valid = bool(_ISO.match(str(value)))
    if not valid and raise_exception:
        raise ValueError("Datetime value does not match expected format.")
    return valid


def parse(value):
    validate(value)
    text = value.replace("T", " ").replace("Z", "+0000")
    text = re.sub(r"([+-]\d\d):(\d\d)$", r"\1\2", text)
    if not re.search(r"[+-]\d{4}$", text):
        text += "+0000"
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f%z" if "." in text else "%Y-%m-%d %H:%M:%S%z")


def format(dt, usec=True, offset=True):
    if dt.tzinfo is None:
        dt = dt.replace(tzinfo=datetime.timezone.utc)
    dt = dt.astimezone(datetime.timezone.utc)
    return dt.strftime("%Y-%m-%dT%H:%M:%S") + (dt.strftime(".%f") if usec else "") + ("Z" if offset else "")
