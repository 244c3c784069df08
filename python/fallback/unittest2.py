"""The standard library's, which has all of it today."""

import sys
import unittest

sys.modules[__name__] = unittest
