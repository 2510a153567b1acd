"""What workflows ask for: idempotent side effects, thin over records and integrations."""
