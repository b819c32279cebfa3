"""The practice network: a small social network of our own in its own process, where posts can be seen and things can go wrong safely."""
