"""Training a run: its request, plan, job, stages, records and finish."""
