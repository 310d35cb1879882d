"""Reading text files of the user's, and writing whole files or none."""
