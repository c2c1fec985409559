"""Trackers: plugins that watch a run."""
