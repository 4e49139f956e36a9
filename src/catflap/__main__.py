"""Run catflap as ``python -m catflap``."""

from catflap.cli.main import main

if __name__ == "__main__":
    main()
