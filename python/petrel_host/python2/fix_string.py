"""A fixer for lib2to3, which has none for the functions of Python 2's `string`: they come from `old_string`."""

from lib2to3 import fixer_base
from lib2to3.fixer_util import Name


class FixString(fixer_base.BaseFix):
    BM_compatible = True
    PATTERN = """
        import_from< 'from' module='string' 'import' any* >
        |
        import_name< 'import' name='string' >
    """

    def transform(self, node, results):
        module = results.get("module")
        if module is not None:
            module.replace(Name("petrel_host.python2.old_string", prefix=module.prefix))
        else:
            results["name"].replace(Name("petrel_host.python2.old_string as string", prefix=results["name"].prefix))
