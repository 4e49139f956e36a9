"""Named checks over (bridge, facts), one file each."""
