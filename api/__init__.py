"""Thin HTTP front: routes and wire schemas, one file per noun."""
