"""The module `string` with the functions that it had in Python 2."""

import string

globals().update({name: getattr(string, name) for name in dir(string) if not name.startswith("_")})

letters = string.ascii_letters
lowercase = string.ascii_lowercase
uppercase = string.ascii_uppercase
maketrans = str.maketrans
atof = float


def atoi(text, base=10):
    return int(text, base)


atol = atoi


def join(words, separator=" "):
    return separator.join(words)


def split(text, separator=None, most=-1):
    return text.split(separator, most)


joinfields = join
splitfields = split


def _method(name):
    def call(text, *arguments):
        return getattr(text, name)(*arguments)

    call.__name__ = name
    return call


for _name in "capitalize center count expandtabs find index ljust lower lstrip replace rfind rindex rjust rstrip strip swapcase upper zfill".split():
    globals()[_name] = _method(_name)


def translate(text, table, delete=""):
    return "".join(letter for letter in text if letter not in delete).translate(table)
