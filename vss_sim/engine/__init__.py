"""The step: what the table says of a call in a state, and what then holds. Pure functions over the data of `spec`."""
