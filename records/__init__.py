"""What happened: tables, queries and the transactions of each noun, in PostgreSQL."""
