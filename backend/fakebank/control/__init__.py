"""The control interface: what a person or a test does to the bank from behind the counter."""
