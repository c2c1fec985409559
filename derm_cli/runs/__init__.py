"""Run folders: what a run leaves behind, readable by anyone without this program."""
