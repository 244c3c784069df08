"""Python 2 of packs: told from Python 3 (`telling`), translated when it is loaded (`loader`), and named by lint (`lint`).

StackStorm 1 and 2 ran packs under Python 2, and packs of that time are full of it. A file is translated as a whole by lib2to3, which is
part of Python up to 3.12, and only when it cannot be meant for Python 3. What no translation can know (which texts are bytes, which
divisions are of whole numbers) is left as it stands.
"""
