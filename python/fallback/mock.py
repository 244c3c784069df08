"""The standard library's."""

import sys
import unittest.mock

unittest.mock.mock = unittest.mock  # some packs write `from mock import mock`
sys.modules[__name__] = unittest.mock
