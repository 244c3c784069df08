"""Calls of Petrel's HTTP API, with the address and the token that the environment names."""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 60

#: Seconds without a word on an event stream, whose server says something at least every 25.
STREAM_TIMEOUT = 90

# The API is our own; whatever proxy the pack's own traffic takes is not meant for it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ApiError(Exception):
    """The API answered with an error, or not at all (`status` is None then)."""

    def __init__(self, status, message):
        super(ApiError, self).__init__(message)
        self.status = status


class Refusal(object):
    """What code that is written for the module requests looks at in an error."""

    def __init__(self, status, text):
        self.status_code = status
        self.reason = text
        self.text = text


class Api(object):
    def __init__(self, url=None, token=None, api_key=None):
        self.url = (url or os.environ.get("ST2_ACTION_API_URL") or os.environ.get("ST2_API_URL") or "").rstrip("/")
        self.token = token or os.environ.get("ST2_ACTION_AUTH_TOKEN") or os.environ.get("ST2_AUTH_TOKEN")
        self.api_key = api_key

    def call(self, method, path, query=None, body=None, headers=None):
        """The parsed answer; None when it has no body."""
        return self.exchange(method, path, query, body, headers)[0]

    def exchange(self, method, path, query=None, body=None, headers=None):
        """The parsed answer and the answer's headers."""
        with self.open(method, path, query, body, headers) as answer:
            text = answer.read()
            return json.loads(text.decode("utf-8")) if text else None, answer.headers

    def text(self, path, query=None):
        """An answer that is text, whole."""
        with self.open("GET", path, query, timeout=None) as answer:
            return answer.read().decode("utf-8")

    def events(self, path, query=None):
        """The data of server-sent events, parsed, for as long as the server sends them."""
        with self.open("GET", path, query, headers={"Accept": "text/event-stream"}, timeout=STREAM_TIMEOUT) as answer:
            data = []
            for line in answer:
                line = line.decode("utf-8").rstrip("\r\n")
                if line.startswith("data:"):
                    data.append(line[5:].lstrip(" "))
                elif line == "" and data:
                    yield json.loads("\n".join(data))
                    data = []

    def open(self, method, path, query=None, body=None, headers=None, timeout=TIMEOUT):
        """The open answer. Raises ApiError."""
        if not self.url:
            raise ApiError(None, "There is no API to call: neither ST2_ACTION_API_URL nor ST2_API_URL is set.")
        wanted = {key: self._text(value) for key, value in (query or {}).items() if value is not None}
        url = "%s%s%s" % (self.url, path, "?" + urllib.parse.urlencode(wanted) if wanted else "")
        data = None
        sent = dict({"Accept": "application/json"}, **self._credentials())
        if body is not None:
            data = body.encode("utf-8") if isinstance(body, str) else json.dumps(body).encode("utf-8")
            sent["Content-Type"] = "text/plain" if isinstance(body, str) else "application/json"
        sent.update(headers or {})
        request = urllib.request.Request(url, data=data, headers=sent, method=method)
        try:
            return _opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            raise api_error(error.code, "%s %s: %s" % (method, path, self._fault(error)))
        except (urllib.error.URLError, OSError) as error:
            raise ApiError(None, "%s %s: %s" % (method, path, getattr(error, "reason", error)))

    def _credentials(self):
        if self.api_key:
            return {"St2-Api-Key": self.api_key}
        return {"X-Auth-Token": self.token} if self.token else {}

    @staticmethod
    def _text(value):
        if isinstance(value, (list, tuple)):
            return ",".join(str(item) for item in value)
        return str(value).lower() if isinstance(value, bool) else str(value)

    @staticmethod
    def _fault(error):
        text = error.read().decode("utf-8", "replace")
        try:
            return json.loads(text)["faultstring"]
        except (ValueError, KeyError, TypeError):
            return text or "HTTP %s" % error.code


def api_error(status, message):
    """As StackStorm's client is made with requests, packs expect its HTTPError; whoever catches that has imported it."""
    requests = sys.modules.get("requests")
    http_error = getattr(getattr(requests, "exceptions", None), "HTTPError", None)
    if http_error is None:
        error = ApiError(status, message)
    else:
        kind = type("ApiError", (ApiError, http_error), {"__init__": lambda self, text: Exception.__init__(self, text)})
        error = kind(message)
        error.status = status
    error.response = Refusal(status, message)
    return error


def quote(part):
    return urllib.parse.quote(str(part), safe="")
