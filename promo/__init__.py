"""Posters, captions, the calendar and the networks: knows no village, no product and no web; imports nobody of ours."""
