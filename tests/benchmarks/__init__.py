"""Measurements beside what a user would take instead; results in `docs/performance.md`. No test runs them."""
