"""Findings, rules and the table as text for people and as JSON for machines: functions that return strings."""
