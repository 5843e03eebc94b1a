"""A restore as a log shows it: what was read and selected, and where the files were put, against the method."""
