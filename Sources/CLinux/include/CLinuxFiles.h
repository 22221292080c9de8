// Calls about files, and about the confinement of a process to some of them.
#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

#include <dirent.h>
#include <stddef.h>
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
/// The next name in a directory that is none of `.` and `..`, which the next call may change; NULL at the end, with errno 0,
/// or after an error. (A `struct dirent` as Swift copies it is longer than what the kernel has written.)
const char *clinux_next_name(DIR *stream);
/// Writes all of it: 0, or -1 with errno.
int clinux_write_all(int descriptor, const void *bytes, size_t count);
/// read(2) that no signal interrupts.
ssize_t clinux_read(int descriptor, void *buffer, size_t count);
/// An exclusive flock(2) without waiting: 0, or -1 with EWOULDBLOCK when another open file has it.
int clinux_try_lock(int descriptor);

#endif
