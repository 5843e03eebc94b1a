"""The side of the writers: events, handlers, states, the metadata they build, the files they touch."""
