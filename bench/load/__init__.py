"""The load: small programs, each its own process, that push, swallow, echo or hold bytes.

They import nothing of the bench, so that they cost as little as a Python can; ``wrk`` alone is
a function that runs the program of that name.
"""
