// Linux calls that Swift cannot import by itself: variadic functions, feature-gated declarations and macros.
#ifndef CLINUX_H
#define CLINUX_H

// Swift's own module of the C library owns what both include: else a type's module depends on what is compiled first.
#if __has_feature(modules)
#pragma clang module import SwiftGlibc
#endif

#include "CLinuxFiles.h"
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "CLinuxNetlink.h"

int clinux_unshare(int flags);
int clinux_setns(int descriptor, int kind);
int clinux_openat2(int directory, const char *path, int flags, mode_t mode, uint64_t resolve);
/// A pipe whose two ends are closed on exec: 0 on success, -1 with errno.
int clinux_pipe(int ends[2]);
/// A stream socket that is closed on exec; -1 with errno.
int clinux_stream_socket(int family);
/// connect(2) of a blocking socket within so long, more than 0: 0, or -1 with errno; past the limit that is ETIMEDOUT,
/// or EAGAIN where a Unix listener's queue has no place.
int clinux_connect(int socket, const struct sockaddr *address, socklen_t length, int milliseconds);
/// The next connection, closed on exec; -1 with errno.
int clinux_accept(int listener);
/// A counter to wake a poll(2) with: not blocking, closed on exec; -1 with errno.
int clinux_eventfd(void);
int clinux_set_child_subreaper(void);
int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int descriptor, int signal);
/// Flags of open(2) that glibc hides without _GNU_SOURCE.
extern const int clinux_O_PATH;
/// Kinds of namespaces for unshare(2) and setns(2), hidden likewise.
extern const int clinux_CLONE_NEWNET;
extern const uint64_t clinux_RESOLVE_IN_ROOT;
extern const uint64_t clinux_RESOLVE_BENEATH;
extern const uint64_t clinux_RESOLVE_NO_SYMLINKS;
extern const uint64_t clinux_RESOLVE_NO_MAGICLINKS;

/// The peer of a Unix socket: 0 on success, -1 with errno.
int clinux_peer_credentials(int descriptor, pid_t *pid, uid_t *uid, gid_t *gid);
/// The supplementary groups of a Unix socket's peer; returns how many there are (-1 with errno).
int clinux_peer_groups(int descriptor, gid_t *groups, int capacity);
/// Columns and rows of a terminal: 0 on success, -1 with errno.
int clinux_terminal_size(int descriptor, unsigned short *columns, unsigned short *rows);

/// Sets columns and rows of a terminal: 0 on success, -1 with errno.
int clinux_terminal_resize(int descriptor, unsigned short columns, unsigned short rows);

/// What a socket's peer has not taken yet, in bytes as the kernel accounts for them; -1 for what is no socket.
int clinux_untaken_bytes(int descriptor);
/// Has the kernel ask a TCP peer that is silent for `idle` seconds whether it is there, every `interval` seconds; after
/// `count` questions without an answer, or a minute in which it confirms nothing, the connection has an error. 0 on
/// success, -1 with errno, also for what is no TCP socket.
int clinux_tcp_keepalive(int descriptor, int idle, int interval, int count);
/// Whether the other end of a TCP connection within this network namespace is in nobody's hands any more: 1 if so, 0 if
/// not or not known. Its kernel answers for such an end for a minute as if it had only finished writing.
int clinux_tcp_peer_is_abandoned(int descriptor);
/// An anonymous file in memory, closed on exec; -1 with errno.
int clinux_memory_file(const char *name);
/// The two halves of a device number.
unsigned int clinux_device_major(dev_t device);
unsigned int clinux_device_minor(dev_t device);
/// One descriptor sent over a Unix stream socket (SCM_RIGHTS), closed on exec; -1 with errno.
int clinux_receive_descriptor(int socket);
/// Sets an interface of the caller's network namespace up: 0 on success, -1 with errno.
int clinux_interface_up(const char *name);

/// posix_spawn(3) file actions that glibc hides without _GNU_SOURCE.
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int descriptor);
int clinux_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path);

#endif
