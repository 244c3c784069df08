"""Petrel's host for the Python of packs: actions and sensors. Standard library only, Python 3.8 and later.

`forkserver` is a process with these modules loaded that does nothing but fork. Each fork becomes a `keeper`, which looks after exactly
one process of a pack: it reports how that ends, and ends it and everything it started when told to or when Petrel is gone.
`child` is what that process does before the pack's code runs: streams, environment, limits. `action` and `sensor` then run the pack's
class and speak with Petrel on a connection of their own, one JSON document per line, so that standard output belongs to the pack.

Nothing of a run is ever in the fork server: the request (parameters, configuration, environment) comes over the run's own connection.
"""
