

def _bounded(size: int) -> None:
    """Let this process have no more than `size` bytes beyond what it has now."""
    import os
    import resource

    np.tensordot(np.ones((2, 2), complex), np.ones((2, 2**12), complex), axes=1)
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (mapped + size, resource.getrlimit(resource.RLIMIT_AS)[1]))


_bounded(44 << 20)
