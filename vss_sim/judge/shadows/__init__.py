"""Shadow copies as a log shows them: contexts and providers, properties, imports, exposures, the files on them."""
