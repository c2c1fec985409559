"""An artefact beside its weights: its names, facts and seal, its checks, and the predictor that it is loaded as."""
