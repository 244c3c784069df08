"""The context that a sensor may give an event."""


class TraceContext(object):
    def __init__(self, id_=None, trace_tag=None):
        self.id_ = id_
        self.trace_tag = trace_tag
