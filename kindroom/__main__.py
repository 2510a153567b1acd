"""`python -m kindroom`: the same as the `kindroom` command."""

from kindroom.cli import main

if __name__ == "__main__":
    main()
