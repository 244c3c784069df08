"""`Client(api_url=..., token=...)`: one manager per kind of thing. Address and token default to those of the run."""

from petrel_host.api import Api, ApiError, quote
from st2client import models

__all__ = ["Client"]


class Client(object):
    def __init__(self, base_url=None, auth_url=None, api_url=None, stream_url=None, api_version=None, cacert=None,
                 debug=False, token=None, api_key=None, basic_auth=None):
        self.api = Api(url=api_url, token=token, api_key=api_key)
        self.token = self.api.token
        self.endpoints = {"api": self.api.url}
        kinds = {
            "actions": models.Action,
            "actionaliases": models.ActionAlias,
            "executions": models.Execution,
            "liveactions": models.LiveAction,
            "inquiries": models.Inquiry,
            "keys": models.KeyValuePair,
            "packs": models.Pack,
            "policies": models.Policy,
            "rules": models.Rule,
            "runners": models.RunnerType,
            "sensors": models.Sensor,
            "triggerinstances": models.TriggerInstance,
            "triggertypes": models.TriggerType,
        }
        self.managers = {}
        for name, kind in kinds.items():
            self.managers[kind.__name__] = manager = MANAGERS.get(kind, Manager)(self.api, kind)
            setattr(self, name, manager)
        self.webhooks = self.managers["Webhook"] = WebhookManager(self.api)

    def get_user_info(self):
        return self.api.call("GET", "/user")


class Manager(object):
    def __init__(self, api, kind):
        self.api = api
        self.kind = kind
        self.path = "/" + kind._path

    def get_all(self, **kwargs):
        return self._list(kwargs)

    def query(self, **kwargs):
        return self._list(kwargs)

    def get_by_id(self, id, params=None, **kwargs):
        """None when there is no such thing."""
        try:
            return self.kind.deserialize(self.api.call("GET", "%s/%s" % (self.path, quote(id)), dict(params or {}, **_plain(kwargs))))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    get_by_ref_or_id = get_by_id

    def get_by_name(self, name, params=None, **kwargs):
        found = self._list(dict(params or {}, name=name, **_plain(kwargs)))
        return found[0] if found else None

    def create(self, instance, **kwargs):
        return self.kind.deserialize(self.api.call("POST", self.path, body=instance.serialize()))

    def update(self, instance, **kwargs):
        return self.kind.deserialize(self.api.call("PUT", "%s/%s" % (self.path, quote(instance.id)), body=instance.serialize()))

    def delete(self, instance, **kwargs):
        return self.delete_by_id(instance.id, **kwargs)

    def delete_by_id(self, instance_id, **kwargs):
        return self.api.call("DELETE", "%s/%s" % (self.path, quote(instance_id)), _plain(kwargs))

    def _list(self, query):
        return [self.kind.deserialize(item) for item in self.api.call("GET", self.path, _plain(query)) or []]


class KeyManager(Manager):
    """Keys are named, and have no other id."""

    def get_by_name(self, name, decrypt=False, params=None, **kwargs):
        return self.get_by_id(name, params=params, decrypt=decrypt, **kwargs)

    def create(self, instance, **kwargs):
        return self.update(instance, **kwargs)

    def update(self, instance, **kwargs):
        body = {name: value for name, value in instance.serialize().items() if name in ("value", "scope", "user", "ttl", "secret", "description")}
        return self.kind.deserialize(self.api.call("PUT", "%s/%s" % (self.path, quote(instance.name)), body=body))

    def delete(self, instance, params=None, **kwargs):
        query = dict(params or {}, scope=getattr(instance, "scope", None), user=getattr(instance, "user", None))
        return self.delete_by_id(instance.name, **query)


class LiveActionManager(Manager):
    def re_run(self, execution_id, parameters=None, tasks=None, no_reset=None, delay=0):
        body = {"parameters": parameters or {}}
        if tasks:
            body.update(tasks=tasks, reset=[task for task in tasks if task not in (no_reset or [])])
        if delay:
            body["delay"] = delay
        return self.kind.deserialize(self.api.call("POST", "%s/%s/re_run" % (self.path, quote(execution_id)), body=body))

    def get_output(self, execution_id, output_type=None):
        return self.api.call("GET", "%s/%s/output" % (self.path, quote(execution_id)), {"output_type": output_type})

    def pause(self, execution_id):
        return self._status(execution_id, "pausing")

    def resume(self, execution_id):
        return self._status(execution_id, "resuming")

    def _status(self, execution_id, status):
        return self.kind.deserialize(self.api.call("PUT", "%s/%s" % (self.path, quote(execution_id)), body={"status": status}))


class WebhookManager(object):
    def __init__(self, api):
        self.api = api

    def post_generic_webhook(self, trigger, payload=None, trace_tag=None, **kwargs):
        return self.api.call("POST", "/webhooks/st2", body={"trigger": trigger, "payload": payload or {}})


MANAGERS = {models.KeyValuePair: KeyManager, models.Execution: LiveActionManager, models.LiveAction: LiveActionManager}


def _plain(query):
    """Settings of the client itself are no parameters of the API."""
    return {name: value for name, value in query.items() if name not in ("token", "api_key", "headers")}
