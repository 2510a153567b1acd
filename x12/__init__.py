"""X12 5010 on the wire: tokenizer, segments, transaction sets. Knows nothing of the clinic."""
