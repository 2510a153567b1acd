"""Query -> frame -> figures -> CSV, XLSX, HTML."""
