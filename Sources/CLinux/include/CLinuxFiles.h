// Calls about files, and about the confinement of a process to some of them.
#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

#include <stdint.h>
#include <sys/xattr.h>

extern const uint64_t clinux_RESOLVE_NO_XDEV;

int clinux_unshare_mounts_network_ipc(void);
int clinux_pivot_root(const char *new_root, const char *put_old);
int clinux_set_no_new_privileges(void);
/// Gives up every capability but those whose bits (1 << CAP_…) are set, for good: 0 on success, -1 with errno.
int clinux_keep_capabilities(uint64_t kept);
/// Writes everything of the descriptor's file system to its disk.
int clinux_sync_filesystem(int descriptor);
/// An exclusive flock(2) without waiting: 0, or -1 with EWOULDBLOCK when another open file has it.
int clinux_try_lock(int descriptor);

#endif
