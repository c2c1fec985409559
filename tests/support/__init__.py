"""What tests share: trees of datasets, run folders, servers, a browser, a small network."""
