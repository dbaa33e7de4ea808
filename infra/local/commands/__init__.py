"""The commands of `python -m infra.local`, a small file for each subject."""
