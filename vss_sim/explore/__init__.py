"""The explorer: every state that an object can come to, by enumeration."""
