"""The shop and its office: the nouns, the pages, the database and the command line, standing on both engines."""
