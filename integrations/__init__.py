"""Ports to the outside world: a Protocol and its values per folder, adapters beside it."""
