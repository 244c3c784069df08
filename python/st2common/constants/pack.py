"""Names of packs that have a meaning."""

DEFAULT_PACK_NAME = "default"
CORE_PACK_NAME = "core"
PACKS_PACK_NAME = "packs"
SYSTEM_PACK_NAMES = [CORE_PACK_NAME, PACKS_PACK_NAME, "linux", "chatops"]
