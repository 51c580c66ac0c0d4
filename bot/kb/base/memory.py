"""Give memory that is no longer used back to the system."""

import ctypes
import gc


def give_back() -> None:
    """After building something large: what was needed on the way leaves holes that glibc keeps for itself.

    Elsewhere than on glibc nothing happens.
    """
    gc.collect()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
