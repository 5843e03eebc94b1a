"""How every documented answer is brought about: worlds, the calls before, arguments, and what has to come out."""
