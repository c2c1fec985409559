"""Checking datasets that were read and decoded: findings as data, a small function a check, and a page."""
