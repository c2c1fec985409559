"""What is done with a finished bundle, beside proving it: measuring it, trying it in a browser."""
