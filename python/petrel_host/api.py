"""Calls of Petrel's HTTP API, with the address and the token that the environment names."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 60

# The API is our own; whatever proxy the pack's own traffic takes is not meant for it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ApiError(Exception):
    """The API answered with an error, or not at all (`status` is None then)."""

    def __init__(self, status, message):
        super(ApiError, self).__init__(message)
        self.status = status


class Api(object):
    def __init__(self, url=None, token=None, api_key=None):
        self.url = (url or os.environ.get("ST2_ACTION_API_URL") or os.environ.get("ST2_API_URL") or "").rstrip("/")
        self.token = token or os.environ.get("ST2_ACTION_AUTH_TOKEN") or os.environ.get("ST2_AUTH_TOKEN")
        self.api_key = api_key

    def call(self, method, path, query=None, body=None):
        """The parsed answer; None when it has no body."""
        if not self.url:
            raise ApiError(None, "There is no API to call: neither ST2_ACTION_API_URL nor ST2_API_URL is set.")
        wanted = {key: self._text(value) for key, value in (query or {}).items() if value is not None}
        url = "%s%s%s" % (self.url, path, "?" + urllib.parse.urlencode(wanted) if wanted else "")
        headers = {"Accept": "application/json"}
        if self.api_key:
            headers["St2-Api-Key"] = self.api_key
        elif self.token:
            headers["X-Auth-Token"] = self.token
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode("utf-8")
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with _opener.open(request, timeout=TIMEOUT) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, "%s %s: %s" % (method, path, self._fault(error)))
        except (urllib.error.URLError, OSError) as error:
            raise ApiError(None, "%s %s: %s" % (method, path, getattr(error, "reason", error)))
        return json.loads(text.decode("utf-8")) if text else None

    @staticmethod
    def _text(value):
        return str(value).lower() if isinstance(value, bool) else str(value)

    @staticmethod
    def _fault(error):
        text = error.read().decode("utf-8", "replace")
        try:
            return json.loads(text)["faultstring"]
        except (ValueError, KeyError, TypeError):
            return text or "HTTP %s" % error.code


def quote(part):
    return urllib.parse.quote(part, safe="")
