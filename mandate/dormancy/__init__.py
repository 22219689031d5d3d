"""The pages of dormant partnerships, and of what is decided of each."""
