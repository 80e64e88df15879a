"""Runs stages on Kafka, exactly once whatever is killed when: Faust says what is ours and brings it, we do the rest."""
