"""Names that packs import, as StackStorm has them."""
