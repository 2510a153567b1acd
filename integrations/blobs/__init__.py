"""Where sealed files lie: a directory, or an S3-compatible store."""
