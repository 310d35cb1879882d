"""Training on a user's own data: what the data must be, the script that trains, the folder of a run, and predictions with it."""
