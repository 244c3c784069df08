"""How parameters become the arguments of a script. The runner itself is Petrel's; tests of packs ask for the words."""

import json

from st2common.util.shell import quote_unix

__all__ = ["ShellScriptAction"]


class ShellScriptAction(object):
    def __init__(self, name, action_exec_id, script_local_path_abs, named_args=None, positional_args=None, **kwargs):
        self.name = name
        self.script_local_path_abs = script_local_path_abs
        self.named_args = named_args
        self.positional_args = positional_args

    def _get_script_arguments(self, named_args=None, positional_args=None):
        """Named ones by name, then those by position."""
        words = []
        for name, value in (named_args or {}).items():
            if value is True:
                words.append(name)
            elif value not in (None, "", False):
                words.append("%s=%s" % (quote_unix(name), quote_unix(str(value))))
        places = positional_args or []
        if isinstance(places, dict):
            places = [places[position] for position in sorted(places)]
        return " ".join(words + [quote_unix(self._text(value)) for value in places])

    @staticmethod
    def _text(value):
        if value is None:
            return ""
        return json.dumps(value) if isinstance(value, dict) else str(value)
