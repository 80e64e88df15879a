"""Detection of changes in how sessions go, with known error rates. Rule: what is not known is never taken for health."""
