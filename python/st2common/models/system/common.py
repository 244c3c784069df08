"""References: `PACK.NAME`."""

__all__ = ["InvalidReferenceError", "InvalidResourceReferenceError", "ResourceReference"]


class InvalidReferenceError(ValueError):
    def __init__(self, ref):
        super(InvalidReferenceError, self).__init__("Invalid resource reference: %s" % (ref,))
        self.ref = ref


InvalidResourceReferenceError = InvalidReferenceError


class ResourceReference(object):
    def __init__(self, pack=None, name=None):
        self.pack = pack
        self.name = name

    @property
    def ref(self):
        return self.to_string_reference(self.pack, self.name)

    @staticmethod
    def is_resource_reference(ref):
        return len(ref.split(".", 1)) == 2

    @classmethod
    def from_string_reference(cls, ref):
        """Of a name with dots the first part is the pack."""
        pack, dot, name = (ref or "").partition(".")
        if not dot:
            raise InvalidReferenceError(ref)
        return cls(pack=pack, name=name)

    @staticmethod
    def to_string_reference(pack=None, name=None):
        if not pack or not name:
            raise ValueError("Both pack and name need to be provided for building ref string.")
        return "%s.%s" % (pack, name)

    def __eq__(self, other):
        return isinstance(other, ResourceReference) and self.ref == other.ref

    def __hash__(self):
        return hash(self.ref)

    def __repr__(self):
        return "<ResourceReference pack=%s,name=%s>" % (self.pack, self.name)
