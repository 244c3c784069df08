"""What the API holds, as objects with the fields as attributes."""


class Resource(object):
    _path = ""

    def __init__(self, *args, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)

    @classmethod
    def get_display_name(cls):
        return cls.__name__

    @classmethod
    def deserialize(cls, document):
        return cls(**document)

    def serialize(self):
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    to_dict = serialize

    def __str__(self):
        return "<%s name=%s,id=%s>" % (type(self).__name__, getattr(self, "name", None), getattr(self, "id", None))

    __repr__ = __str__


class Action(Resource):
    _path = "actions"


class ActionAlias(Resource):
    _path = "actionalias"


class Execution(Resource):
    _path = "executions"


class LiveAction(Resource):
    _path = "executions"


class Inquiry(Resource):
    _path = "inquiries"


class KeyValuePair(Resource):
    _path = "keys"


class Pack(Resource):
    _path = "packs"


class Policy(Resource):
    _path = "policies"


class Rule(Resource):
    _path = "rules"


class RunnerType(Resource):
    _path = "runnertypes"


class Sensor(Resource):
    _path = "sensortypes"


class TriggerInstance(Resource):
    _path = "triggerinstances"


class TriggerType(Resource):
    _path = "triggertypes"
