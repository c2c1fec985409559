"""The parts of the pages that are read off the code, a module a subject."""
