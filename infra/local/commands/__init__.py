"""The commands of `consortia`, a small file for each subject."""
