"""Names that packs import, as StackStorm has them. See petrel_host for what is behind them."""
