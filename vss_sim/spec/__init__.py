"""What VSS says, as data: HRESULTs, enumerations, rules and the protocol table. Imports nothing of ours."""
