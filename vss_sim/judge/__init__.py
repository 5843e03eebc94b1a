"""The checker: whether a history of calls keeps to the protocol, and where it does not, why and what instead.

The checker does not know the computer. What a log does not show is unknown, and what is unknown is never held against
the requester: a call is an error only where the table refuses it under every value of what is unknown.
"""
