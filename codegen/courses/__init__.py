"""Exercises as files for courses: as data, as a question bank, as an assignment that is graded by running it.

They are made of the questions themselves (`exercises`), not of the sheet and the key that people read.
"""
