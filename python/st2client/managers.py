"""What can be done with each kind of thing, by the names of StackStorm's client. An error of the API is an ApiError, which is requests'
HTTPError as well where the pack uses requests."""

from petrel_host.api import ApiError, quote
from st2client import models

#: Settings of the client itself, which are no parameters of the API.
_OWN = ("token", "api_key", "headers", "params")


class ResourceManager(object):
    def __init__(self, api, resource):
        self.api = api
        self.resource = resource
        self.path = "/" + resource.get_url_path_name()

    def get_all(self, **kwargs):
        return self.query(**kwargs)

    def query(self, **kwargs):
        return self.query_with_count(**kwargs)[0]

    def query_with_count(self, **kwargs):
        """The things, and how many there are in all."""
        found, headers = self.api.exchange("GET", self.path, _query(kwargs))
        count = headers.get("X-Total-Count")
        return self._made(found or []), None if count is None else int(count)

    def get_by_id(self, id, **kwargs):
        """None when there is no such thing."""
        try:
            return self.resource.deserialize(self.api.call("GET", self._at(id), _query(kwargs)))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def get_by_ref_or_id(self, ref_or_id, **kwargs):
        return self.get_by_id(ref_or_id, **kwargs)

    def get_by_name(self, name, **kwargs):
        found = self.query(name=name, **kwargs)
        if len(found) > 1:
            raise Exception("More than one %s named \"%s\" are found." % (self.resource.__name__.lower(), name))
        return found[0] if found else None

    def get_property(self, id_, property_name, self_deserialize=True, **kwargs):
        try:
            found = self.api.call("GET", "%s/%s" % (self._at(id_), property_name), _query(kwargs))
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return self._made(found) if self_deserialize else found

    def create(self, instance, **kwargs):
        return self._send("POST", self.path, instance.serialize())

    def update(self, instance, **kwargs):
        return self._send("PUT", self._at(instance.id), instance.serialize())

    def delete(self, instance, **kwargs):
        return self.delete_by_id(instance.id, **kwargs)

    def delete_by_id(self, instance_id, **kwargs):
        """What is answered, or True: also when there was nothing to delete."""
        try:
            return self.api.call("DELETE", self._at(instance_id), _query(kwargs)) or True
        except ApiError as error:
            if error.status == 404:
                return True
            raise

    def _at(self, id, *rest):
        return "/".join((self.path, quote(id)) + rest)

    def _send(self, method, path, body, kind=None):
        return (kind or self.resource).deserialize(self.api.call(method, path, body=body))

    def _made(self, items):
        return [self.resource.deserialize(item) for item in items]


class KeyManager(ResourceManager):
    """Keys are named, and have no other id."""

    def get_by_name(self, name, decrypt=False, **kwargs):
        return self.get_by_id(name, decrypt=decrypt, **kwargs)

    def create(self, instance, **kwargs):
        return self.update(instance, **kwargs)

    def update(self, instance, **kwargs):
        fields = ("value", "scope", "user", "ttl", "secret", "description")
        body = {name: value for name, value in instance.serialize().items() if name in fields}
        return self._send("PUT", self._at(instance.name), body)

    def delete(self, instance, params=None, **kwargs):
        query = dict(params or {}, scope=getattr(instance, "scope", None), user=getattr(instance, "user", None))
        return self.delete_by_id(instance.name, **query)


class ExecutionManager(ResourceManager):
    def re_run(self, execution_id, parameters=None, tasks=None, no_reset=None, user=None, delay=0, **kwargs):
        tasks, no_reset = tasks or [], no_reset or []
        if set(no_reset) - set(tasks):
            raise ValueError("List of tasks to reset does not match the tasks to rerun.")
        body = {"parameters": parameters or {}}
        if tasks:
            body.update(tasks=tasks, reset=[task for task in tasks if task not in no_reset])
        if delay:
            body["delay"] = delay
        if user:
            body["user"] = user
        return self._send("POST", self._at(execution_id, "re_run"), body)

    def get_output(self, execution_id, output_type=None, **kwargs):
        return self.api.text(self._at(execution_id, "output"), {"output_type": output_type})

    def get_children(self, execution_id, depth=-1, **kwargs):
        return self._made(self.api.call("GET", self._at(execution_id, "children"), dict(_query(kwargs), depth=depth)))

    def pause(self, execution_id, **kwargs):
        return self._send("PUT", self._at(execution_id), {"status": "pausing"})

    def resume(self, execution_id, **kwargs):
        return self._send("PUT", self._at(execution_id), {"status": "resuming"})


class InquiryManager(ResourceManager):
    def respond(self, inquiry_id, inquiry_response, **kwargs):
        return self._send("PUT", self._at(inquiry_id), {"id": inquiry_id, "response": inquiry_response})


class TriggerInstanceManager(ResourceManager):
    def re_emit(self, trigger_instance_id, **kwargs):
        return self.api.call("POST", self._at(trigger_instance_id, "re_emit"))


class ActionAliasManager(ResourceManager):
    def match(self, instance, **kwargs):
        """The alias, and the representation that the command matches."""
        found = self.api.call("POST", self.path + "/match", body=instance.serialize())
        return self.resource.deserialize(found["actionalias"]), found["representation"]


class ActionAliasExecutionManager(ResourceManager):
    def match_and_execute(self, instance, **kwargs):
        return self._send("POST", self.path + "/match_and_execute", instance.serialize())


class PackManager(ResourceManager):
    def install(self, packs, force=False, skip_dependencies=False, **kwargs):
        body = {"packs": packs, "force": force, "skip_dependencies": skip_dependencies}
        return self._send("POST", self.path + "/install", body, models.AsyncRequest)

    def remove(self, packs, **kwargs):
        return self._send("POST", self.path + "/uninstall", {"packs": packs}, models.AsyncRequest)

    def register(self, packs=None, types=None, **kwargs):
        wanted = {"packs": packs, "types": types}
        return self._send("POST", self.path + "/register", {name: value for name, value in wanted.items() if value})


class ConfigManager(ResourceManager):
    def update(self, instance, **kwargs):
        return self._send("PUT", self._at(instance.pack), instance.values)


class TokenManager(ResourceManager):
    def create(self, instance, auth=None, **kwargs):
        """`auth`: the user and the password."""
        import base64

        headers = {}
        if auth is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode("utf-8")).decode("ascii")
        return self.resource.deserialize(self.api.call("POST", self.path, body=instance.serialize(), headers=headers))


class WebhookManager(ResourceManager):
    def post_generic_webhook(self, trigger, payload=None, trace_tag=None, **kwargs):
        headers = {"St2-Trace-Tag": trace_tag} if trace_tag else {}
        return self.api.call("POST", self.path + "/st2", body={"trigger": trigger, "payload": payload or {}}, headers=headers)


class StreamManager(object):
    def __init__(self, api):
        self.api = api

    def listen(self, events=None, **kwargs):
        """What happens, as it happens: the body of each event. Without end, until the connection breaks."""
        return self.api.events("/stream", {"events": events})


class WorkflowManager(object):
    def __init__(self, api):
        self.api = api

    def inspect(self, definition, **kwargs):
        """What is wrong with a definition, given as text."""
        if not isinstance(definition, str):
            raise TypeError("Workflow definition is not type of string.")
        return self.api.call("POST", "/workflows/inspect", body=definition)


def _query(given):
    wanted = dict(given.get("params") or {})
    wanted.update((name, value) for name, value in given.items() if name not in _OWN)
    return wanted
