"""Evaluating runs, artefacts and predictions tables."""
