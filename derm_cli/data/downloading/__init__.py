"""Fetching a publisher's files: connections that are cut and go on, checksums, archives that stay in their folder."""
