"""The page: the commands for people who never open a terminal, in their browser on this machine.

Each job is a child process of the command line; its state is in files, so a server that dies
loses nothing.
"""
