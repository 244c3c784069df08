"""What the API holds, as objects with the fields as attributes."""

import json


class Resource(object):
    #: Where the API keeps such things.
    _url_path = ""

    def __init__(self, *args, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)

    @classmethod
    def get_alias(cls):
        return cls.__name__

    get_display_name = get_alias

    @classmethod
    def get_url_path_name(cls):
        return cls._url_path

    @classmethod
    def deserialize(cls, doc):
        return cls(**(json.loads(doc) if isinstance(doc, str) else doc))

    def serialize(self):
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def to_dict(self, exclude_attributes=None):
        return {name: value for name, value in self.serialize().items() if name not in (exclude_attributes or ())}

    def __str__(self):
        return "<%s name=%s,id=%s>" % (type(self).__name__, getattr(self, "name", None), getattr(self, "id", None))

    __repr__ = __str__


class Action(Resource):
    _url_path = "actions"


class ActionAlias(Resource):
    _url_path = "actionalias"


class ActionAliasMatch(Resource):
    _url_path = "actionalias"


class ActionAliasExecution(Resource):
    _url_path = "aliasexecution"


class ApiKey(Resource):
    _url_path = "apikeys"


class AsyncRequest(Resource):
    """What goes on after the answer: its execution has the id `execution_id`."""


class Config(Resource):
    _url_path = "configs"


class ConfigSchema(Resource):
    _url_path = "config_schemas"


class Execution(Resource):
    _url_path = "executions"


class LiveAction(Resource):
    _url_path = "executions"


class Inquiry(Resource):
    _url_path = "inquiries"


class KeyValuePair(Resource):
    _url_path = "keys"


class Pack(Resource):
    _url_path = "packs"


class Policy(Resource):
    _url_path = "policies"


class PolicyType(Resource):
    _url_path = "policytypes"


class Rule(Resource):
    _url_path = "rules"


class RuleEnforcement(Resource):
    _url_path = "ruleenforcements"


class RunnerType(Resource):
    _url_path = "runnertypes"


class Sensor(Resource):
    _url_path = "sensortypes"


class Timer(Resource):
    _url_path = "timers"


class Token(Resource):
    _url_path = "tokens"


class Trace(Resource):
    _url_path = "traces"


class Trigger(Resource):
    _url_path = "triggers"


class TriggerInstance(Resource):
    _url_path = "triggerinstances"


class TriggerType(Resource):
    _url_path = "triggertypes"


class Webhook(Resource):
    _url_path = "webhooks"
