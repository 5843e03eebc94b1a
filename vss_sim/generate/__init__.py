"""Cases that nobody wrote: from the protocol table, from the restore-method table, and by chance.

A generated case is made on the simulator, call by call, and says what it answered; where the protocol table decides,
the two must agree. So it shows an implementation what follows from the tables, without a folder of thousands of files.
"""
