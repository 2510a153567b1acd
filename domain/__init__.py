"""Rules of the service: values and instants in, values out. No clock, no SQL, no network."""
