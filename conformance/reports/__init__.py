"""A run as text, JSON, JUnit XML and one HTML page: each module has one function that returns a string."""
