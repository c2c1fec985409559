"""From a run, an artefact or a table to a judgement."""
