"""Matches commands against the formats of aliases: src/aliases, in the language whose expressions they are. Held by the same vectors."""

import re
import warnings

from st2common.exceptions.content import ParseException

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_constants as _sre
    import sre_parse

_DEFAULT = r"""(?:""|''|"(?P<double>.+?)"|'(?P<single>.+?)'|(?P<braced>\{.+?\})|(?P<bare>.+?))"""
_WRITTEN = r"""(?:""|''|"(?P<double>.+?)"|'(?P<single>.+?)'|(?P<braced>\{.+?\})|(?P<bare>\S+))"""
_VALUE = r"""(?:(?<=').+?(?=')|(?<=").+?(?=")|\{.+?\}|.+?)"""
_NAME = r"\s*(?P<name>\S+?)\s*"

_OPTIONAL = r"\{\{" + _NAME + r"\s*=\s*" + _DEFAULT + r"\s*\}\}"
_OPTIONAL_PLACE = re.compile(r"(?P<blanks>\s*)" + _OPTIONAL)
_REQUIRED_PLACE = re.compile(r"(?P<blanks>\s*)\{\{" + _NAME + r"\}\}")
_PAIR = r"(?:^|\s+)\s*(?P<name>\S+?)\s*=" + _WRITTEN
_NAMELESS = re.sub(r"\?P<\w+>", "?:", _PAIR)
_ENDING = re.compile(r".*?(?P<pairs>(?:" + _NAMELESS + r"\s*)*)$", re.DOTALL)


def extract(format_string, command, match_multiple=False):
    """The parameters; of `match_multiple` a list of them, one per match. Raises ParseException when the command does not match."""
    rest, pairs = _cut_pairs(command)
    matches = re.finditer(_expression(format_string), rest, re.DOTALL)
    found = [dict(_with_defaults(format_string, match.groupdict()), **pairs) for match in matches]
    if not found:
        raise ParseException('Command "%s" doesn\'t match format string "%s"' % (command, format_string))
    if format_string and not rest.strip() and not any(found[0].values()):
        raise ParseException("No command was given.")
    return found if match_multiple else found[0]


def _with_defaults(format_string, parameters):
    for found in re.finditer(_OPTIONAL, format_string, re.DOTALL):
        name = found.group("name")
        parameters[name] = parameters[name] or _written(found)
    return parameters


def matching_formats(format_strings, command):
    """Those that the command matches."""
    matched = []
    for format_string in format_strings:
        try:
            extract(format_string, command)
        except ParseException:
            continue
        matched.append(format_string)
    return matched


def _cut_pairs(command):
    tail = _ENDING.match(command).group("pairs") if "=" in command else ""
    if not tail:
        return " %s " % command, {}
    pairs = {found.group("name"): _written(found) for found in re.finditer(_PAIR, tail, re.DOTALL)}
    return " %s " % command.replace(tail, ""), pairs


def _expression(format_string):
    body = _OPTIONAL_PLACE.sub(lambda found: "(?:%s)?" % _group(found), format_string)
    body = _REQUIRED_PLACE.sub(_group, body)
    tree = sre_parse.parse(body, re.DOTALL)
    start = "" if _has(tree, (_sre.AT_BEGINNING, _sre.AT_BEGINNING_STRING)) else r"^\s*"
    end = "" if _has(tree, (_sre.AT_END, _sre.AT_END_STRING)) else r"\s*$"
    return start + body + end


def _group(found):
    return "%s[\"']?(?P<%s>%s)[\"']?" % (found.group("blanks"), found.group("name"), _VALUE)


def _has(tree, places):
    """As StackStorm looks: into groups, and of alternatives into the second only."""
    for operation, argument in tree:
        if operation is _sre.AT and argument in places:
            return True
        if operation is _sre.SUBPATTERN and _has(argument[-1], places):
            return True
        if operation is _sre.BRANCH and _has(argument[1][1], places):
            return True
    return False


def _written(found):
    """Whichever of the ways to write a value was used."""
    return next((value for value in map(found.group, ("double", "single", "braced", "bare")) if value is not None), "")
