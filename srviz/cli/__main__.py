"""``python -m srviz.cli``."""

from srviz.cli import main

if __name__ == "__main__":
    main()
