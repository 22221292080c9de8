// kenter-runtime RUNTIME [ARGUMENT...]: runs the OCI runtime with a view of the cgroup tree that it accepts.
//
// On a hybrid host (v1 controllers, and a v2 tree at /sys/fs/cgroup/unified) crun refuses to work. In a mount namespace
// of its own that tree is taken away, so crun sees plain v1; everywhere else this program only executes the runtime.
// conmon gets it as its runtime, with the real one as the first runtime argument, so that nothing of it is in the
// environment. Mounts of the container are made inside crun's own namespaces, so nothing depends on this one later.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#define UNIFIED_TREE "/sys/fs/cgroup/unified"
#define CGROUP2_MAGIC 0x63677270

static int host_is_hybrid(void) {
    struct statfs tree;
    return statfs(UNIFIED_TREE, &tree) == 0 && tree.f_type == CGROUP2_MAGIC;
}

static int fail(const char *what) {
    fprintf(stderr, "kenter-runtime: cannot %s: %s\n", what, strerror(errno));
    return 125;
}

int main(int count, char **arguments) {
    if (count < 2 || arguments[1][0] != '/') {
        fprintf(stderr, "usage: kenter-runtime /PATH/TO/RUNTIME [ARGUMENT...]\n");
        return 125;
    }
    if (host_is_hybrid()) {
        if (unshare(CLONE_NEWNS) != 0) return fail("make a mount namespace");
        // Slave, not private: what the host unmounts meanwhile must vanish here too, or its storage stays busy.
        if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) return fail("detach the mount namespace from the host's");
        // A tree that came with a more privileged namespace cannot be unmounted; an empty one over it serves as well.
        while (host_is_hybrid() && umount2(UNIFIED_TREE, MNT_DETACH) == 0) continue;
        if (host_is_hybrid() && mount("tmpfs", UNIFIED_TREE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k") != 0)
            return fail("hide " UNIFIED_TREE);
    }
    execv(arguments[1], arguments + 1);
    fprintf(stderr, "kenter-runtime: cannot execute %s: %s\n", arguments[1], strerror(errno));
    return 127;
}
