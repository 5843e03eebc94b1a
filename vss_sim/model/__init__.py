"""The simulated computer as frozen values: descriptions of machines, documents, objects, and the world they make."""
