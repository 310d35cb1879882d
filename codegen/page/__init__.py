"""The page: a server that shows the derivation of a network that is typed in a browser, made in processes with limits."""
