// kenter-runtime [--supervise PIDFILE] RUNTIME [ARGUMENT...]: runs the OCI runtime where it cannot stand alone.
//
// On a hybrid host (v1 controllers, and a v2 tree at /sys/fs/cgroup/unified) crun refuses to work. In a mount namespace
// of its own that tree is taken away, so crun sees plain v1; everywhere else this program only executes the runtime.
// conmon gets it as its runtime, with the real one as the first runtime argument, so that nothing of it is in the
// environment. Mounts of the container are made inside crun's own namespaces, so nothing depends on this one later.
//
// With --supervise it stays as the parent of the process that `RUNTIME exec --detach --pid-file PIDFILE` leaves behind:
// the id goes to descriptor 3 once the process runs, its exit code becomes this program's. When the runtime fails,
// nothing goes there, and what it said is on standard error. A process that exec left half-made is waited for here too:
// as somebody's zombie it would keep the container's process namespace, and so the container, from ending.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNIFIED_TREE "/sys/fs/cgroup/unified"
#define CGROUP2_MAGIC 0x63677270
#define STATUS_DESCRIPTOR 3

static int fail(const char *what, const char *name) {
    fprintf(stderr, "kenter-runtime: cannot %s%s: %s\n", what, name, strerror(errno));
    return 125;
}

static int host_is_hybrid(void) {
    struct statfs tree;
    return statfs(UNIFIED_TREE, &tree) == 0 && tree.f_type == CGROUP2_MAGIC;
}

static int run(char **command) {
    if (host_is_hybrid()) {
        if (unshare(CLONE_NEWNS) != 0) return fail("make a mount namespace", "");
        // Slave, not private: what the host unmounts meanwhile must vanish here too, or its storage stays busy.
        if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) return fail("leave the host's mount namespace", "");
        // A tree that came with a more privileged namespace cannot be unmounted; an empty one over it serves as well.
        while (host_is_hybrid() && umount2(UNIFIED_TREE, MNT_DETACH) == 0) continue;
        if (host_is_hybrid() && mount("tmpfs", UNIFIED_TREE, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k") != 0)
            return fail("hide ", UNIFIED_TREE);
    }
    execv(command[0], command);
    return fail("execute ", command[0]);
}

static int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Children that ended while another was awaited: the process may be faster than the runtime that started it.
static struct {
    pid_t pid;
    int status;
} ended[16];
static unsigned ended_count;

// Waits for one child and for all others that end meanwhile; its exit code, or 128 and the signal.
static int wait_for(pid_t awaited) {
    for (unsigned index = 0; index < ended_count && index < 16; index++)
        if (ended[index].pid == awaited) return exit_code(ended[index].status);
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid < 0 && errno != EINTR) return 255;
        if (pid == awaited) return exit_code(status);
        if (pid > 0) {
            ended[ended_count % 16].pid = pid;
            ended[ended_count++ % 16].status = status;
        }
    }
}

static pid_t read_process_id(const char *path) {
    char text[32] = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    return count > 0 ? (pid_t)atoi(text) : -1;
}

static int supervise(const char *pid_file, char **command) {
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fail("adopt the process", "");
    if (fcntl(STATUS_DESCRIPTOR, F_SETFD, FD_CLOEXEC) != 0) return fail("use descriptor 3", "");
    pid_t runtime = fork();
    if (runtime < 0) return fail("start the runtime", "");
    if (runtime == 0) _exit(run(command));
    // The streams are the process's alone: held here, their ends would never be seen.
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; stream < 3; stream++) dup2(null, stream);
    int failed = wait_for(runtime);
    pid_t process = failed ? -1 : read_process_id(pid_file);
    if (process <= 0) {
        while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
        return 125;
    }
    dprintf(STATUS_DESCRIPTOR, "%d\n", process);
    close(STATUS_DESCRIPTOR);
    return wait_for(process);
}

int main(int count, char **arguments) {
    int supervises = count > 3 && strcmp(arguments[1], "--supervise") == 0;
    char **command = arguments + (supervises ? 3 : 1);
    if (count < 2 || command[0][0] != '/') {
        fprintf(stderr, "usage: kenter-runtime [--supervise PIDFILE] /PATH/TO/RUNTIME [ARGUMENT...]\n");
        return 125;
    }
    return supervises ? supervise(arguments[2], command) : run(command);
}
