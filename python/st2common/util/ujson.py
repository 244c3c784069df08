"""Copies of what JSON knows."""

import copy

__all__ = ["fast_deepcopy"]


def fast_deepcopy(value, fall_back_to_deepcopy=True):
    return copy.deepcopy(value)


fast_deepcopy_dict = fast_deepcopy
