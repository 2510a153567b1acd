"""The demo clinic: invented people, payers and histories, for a stack on one machine. Never for real care."""
