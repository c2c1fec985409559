"""Asking a finished model about photographs."""
