"""`python -u PATH/petrel_host SOCKET`: the fork server. Petrel's runners start it; it is of no use by hand."""

import os
import sys

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[0] = HOME

from petrel_host import forkserver  # noqa: E402 (the path has to be there first)

# Python's multiprocessing loads this file again, by another name, in processes that it spawns for an action.
if __name__ == "__main__":
    forkserver.serve(sys.argv[1])
