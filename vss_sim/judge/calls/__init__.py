"""Calls on a backup components object and what hangs on it: table, arguments, answers, references."""
