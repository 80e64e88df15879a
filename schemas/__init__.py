"""The contract: events, derived records, counters and topics. Rule: it knows no other package of ours."""
