"""A backup as a log shows it: what its writers offer, what is selected and copied, what is still to be done."""
