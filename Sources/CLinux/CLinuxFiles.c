#define _GNU_SOURCE
#include "include/CLinuxFiles.h"

#include <linux/openat2.h>
#include <sched.h>
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
int clinux_sync_filesystem(int descriptor) { return syncfs(descriptor); }
int clinux_try_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }
