"""VSS as a requester sees it, in Python: a simulation holds a world, its objects have the methods of VSS."""
