"""The markers by which pluggy knows derm's hooks."""

import pluggy

PROJECT = "derm"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Put this on each function of a plugin that answers a hook."""
