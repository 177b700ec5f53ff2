"""Facts and the rules over them. Importing this package loads nothing."""
