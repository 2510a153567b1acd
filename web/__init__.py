"""Pages: templates, static assets and the room app."""
