"""What is done with a finished bundle, beside proving it: trying it in a browser."""
