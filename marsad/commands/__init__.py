"""The commands, one function each and no logic, in modules by whom they serve.

Imports stand in the functions: a command pays only for what it uses, and only those that run a
flow ever import Prefect.
"""
