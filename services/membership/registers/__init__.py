"""The files of the registers, as their publishers make them: which columns are read, and what each line means."""
