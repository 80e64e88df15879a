"""Detection of changes in how sessions go, with known error rates. Rule: what is unknown is never taken for health."""
