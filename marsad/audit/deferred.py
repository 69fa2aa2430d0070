"""Modules that another imports though hardly anybody needs them: not read before they are used."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


class _Deferred(ModuleType):
    """Stands for a module; the first that is asked of it imports the module itself."""

    def __getattr__(self, name: str) -> object:
        """Ask the module itself, by its name: it may be there already."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Let who imports these modules within the block do so without reading them.

    What is bound there passes on to the module itself whatever is asked of it, and imports it then.
    Who imports one of them after the block gets the module itself. Those that are imported already,
    and those that are not installed, stay as they are.

    Args:
        names: full names of modules.
    """
    stands: dict[str, _Deferred] = {}
    for name in names:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        if spec is not None:
            stands[name] = _Deferred(name)
            # Who looks whether a module is there looks for these, and need not have it read.
            stands[name].__spec__ = spec
            stands[name].__file__ = spec.origin
    sys.modules.update(stands)
    try:
        yield
    finally:
        for name, stand in stands.items():
            if sys.modules.get(name) is stand:
                del sys.modules[name]
