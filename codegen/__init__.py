"""From a derivation to modules, documents and the command line."""
