"""Tests: sentences about VSS, each with the rule it stands for."""
