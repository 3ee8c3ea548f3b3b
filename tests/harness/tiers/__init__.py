"""What there is to do in each tier."""
