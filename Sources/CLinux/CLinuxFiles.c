#define _GNU_SOURCE
#include "include/CLinuxFiles.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

const uint64_t clinux_RESOLVE_NO_XDEV = RESOLVE_NO_XDEV;

int clinux_unshare_mounts_network_ipc(void) { return unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC); }

int clinux_pivot_root(const char *new_root, const char *put_old) {
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

int clinux_set_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int clinux_keep_capabilities(uint64_t kept) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    if (syscall(SYS_capget, &header, sets) != 0) return -1;
    for (int half = 0; half < 2; half++) {
        sets[half].permitted &= (uint32_t)(kept >> (32 * half));
        sets[half].effective = sets[half].permitted;
        sets[half].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &header, sets);
}

int clinux_sync_filesystem(int descriptor) { return syncfs(descriptor); }
int clinux_try_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

const char *clinux_next_name(DIR *stream) {
    struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(stream);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry ? entry->d_name : NULL;
}

int clinux_write_all(int descriptor, const void *bytes, size_t count) {
    const char *rest = bytes;
    while (count > 0) {
        ssize_t written = write(descriptor, rest, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -1;
        rest += written;
        count -= (size_t)written;
    }
    return 0;
}

ssize_t clinux_read(int descriptor, void *buffer, size_t count) {
    ssize_t taken;
    do taken = read(descriptor, buffer, count);
    while (taken < 0 && errno == EINTR);
    return taken;
}
