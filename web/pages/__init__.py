"""The routes of the pages, one file per noun; they call the same records as the API."""
