"""Where packs lie."""

import os

from petrel_host import place

__all__ = [
    "get_packs_base_paths",
    "get_system_packs_base_path",
    "get_pack_base_path",
    "get_pack_directory",
    "get_pack_file_abs_path",
    "get_pack_resource_file_abs_path",
    "check_pack_directory_exists",
]


def get_packs_base_paths():
    """The folder of packs that the running one lies in."""
    return [place.packs_folder()]


def get_system_packs_base_path():
    return place.packs_folder()


def get_pack_base_path(pack_name, include_trailing_slash=False, use_pack_cache=False):
    """The pack's folder, or where it would be."""
    if not pack_name:
        return None
    own = place.pack_folder()
    found = own if os.path.basename(own) == pack_name else os.path.join(place.packs_folder(), pack_name)
    return found + os.sep if include_trailing_slash else found


def get_pack_directory(pack_name):
    found = get_pack_base_path(pack_name)
    return found if found and os.path.isdir(found) else None


def check_pack_directory_exists(pack):
    return get_pack_directory(pack) is not None


def get_pack_file_abs_path(pack_ref, file_path, resource_type=None, use_pack_cache=False):
    """Of a file that is named within the pack's folder. Raises ValueError when it would lie outside."""
    if os.path.normpath("/" + file_path).lstrip("/") != file_path:
        raise ValueError('Invalid file path: "%s". File path needs to be relative to the pack directory.' % file_path)
    return os.path.join(get_pack_base_path(pack_ref), file_path)


def get_pack_resource_file_abs_path(pack_ref, resource_type, file_path):
    if resource_type not in ("action", "sensor", "rule"):
        raise ValueError("Invalid resource type: %s" % resource_type)
    return get_pack_file_abs_path(pack_ref, os.path.join(resource_type + "s", file_path))
