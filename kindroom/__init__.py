"""The program: command line, settings, wiring, worker, dispatcher, embedded stack."""
