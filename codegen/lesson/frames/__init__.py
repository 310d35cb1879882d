"""Slides as a lecture of their own: one file a part of it, each frame one idea under a headline that says it."""
