"""Links, codes, scans and counts: knows no village, no product and no web; imports nobody of ours."""
