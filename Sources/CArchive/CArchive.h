// Swift's own module of the C library owns what both include: see CLinux.h.
#if __has_feature(modules)
#pragma clang module import SwiftGlibc
#endif
#include <archive.h>
#include <archive_entry.h>
