"""What several commands share: options, defaults, and how they print."""
