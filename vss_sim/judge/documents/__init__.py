"""The calls on metadata and component objects: who may make them and when, and what they tell."""
