"""An artefact beside its weights: names, facts, seal, and the predictor that it is loaded as."""
