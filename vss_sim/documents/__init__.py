"""Documents as text: the two XML documents of VSS, and the world file."""
