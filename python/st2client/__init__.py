"""A client of the API, in the shape of StackStorm's."""
