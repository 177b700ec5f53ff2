"""The demonstration: virtual time and simulated units, outside the system."""
