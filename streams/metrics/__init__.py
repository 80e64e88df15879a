"""Pure folds. Rule: no Kafka, no clock, no I/O; the standard library, msgspec and schemas only."""
