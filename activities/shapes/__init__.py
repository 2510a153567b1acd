"""Arguments and results of activities: frozen dataclasses of ids, instants, enums and numbers."""
