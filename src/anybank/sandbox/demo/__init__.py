"""The main job on invented people: Bond's customers move to Sonder, both simulated."""
