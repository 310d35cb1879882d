"""Exercises on a network: a sheet of questions and an answer key, every answer computed and checked.

A kind of question (`kinds`) names the places in a derivation that it can ask about and makes a question of one of them; `selection` draws
kinds and places from a seed; `sheet` turns the questions into two documents.
"""
