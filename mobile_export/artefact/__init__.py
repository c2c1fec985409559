"""What artefacts of all formats share: names, facts and seal, checks, and the predictor that one is loaded as."""
