"""The program at the other end: in the pod of the old server (`old_side`), and beside our claim (`new_side`).

It is sent as text, so it needs nothing there but Python 3.8 and its library: no import of another package, and no
syntax that is newer. It writes nothing in the old pod, whose disk may be bounded.
"""
