#define _GNU_SOURCE
#include "include/CLinux.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <sys/eventfd.h>
#include <sys/time.h>

int clinux_unshare(int flags) { return unshare(flags); }
int clinux_setns(int descriptor, int kind) { return setns(descriptor, kind); }

int clinux_openat2(int directory, const char *path, int flags, mode_t mode, uint64_t resolve) {
    struct open_how how = {.flags = (uint64_t)flags, .mode = mode, .resolve = resolve};
    long descriptor;
    int tries = 0;
    // A rename anywhere on the host while the kernel looks up a path with "..": it cannot tell whether that was harmless.
    do descriptor = syscall(SYS_openat2, directory, path, &how, sizeof how);
    while (descriptor < 0 && errno == EAGAIN && ++tries < 100);
    return (int)descriptor;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
int clinux_stream_socket(int family) { return socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0); }

int clinux_connect(int socket, const struct sockaddr *address, socklen_t length, int milliseconds) {
    // connect(2) keeps to the limit of sending, which must not stay on the socket.
    struct timeval limit = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000}, none = {0};
    if (setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) return -1;
    int status;
    do status = connect(socket, address, length);
    while (status != 0 && errno == EINTR);
    int error = errno == EINPROGRESS ? ETIMEDOUT : errno;
    if (setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none) != 0) return -1;
    errno = error;
    return status;
}

int clinux_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }
int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
int clinux_set_child_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_send_signal(int descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

const int clinux_O_PATH = O_PATH;
const int clinux_CLONE_NEWNET = CLONE_NEWNET;
const uint64_t clinux_RESOLVE_IN_ROOT = RESOLVE_IN_ROOT;
const uint64_t clinux_RESOLVE_BENEATH = RESOLVE_BENEATH;
const uint64_t clinux_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS;
const uint64_t clinux_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS;

int clinux_peer_credentials(int descriptor, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

int clinux_peer_groups(int descriptor, gid_t *groups, int capacity) {
    socklen_t length = (socklen_t)capacity * sizeof(gid_t);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0) return -1;
    return (int)(length / sizeof(gid_t));
}

int clinux_terminal_size(int descriptor, unsigned short *columns, unsigned short *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

int clinux_terminal_resize(int descriptor, unsigned short columns, unsigned short rows) {
    struct winsize size = {.ws_col = columns, .ws_row = rows};
    return ioctl(descriptor, TIOCSWINSZ, &size);
}

int clinux_untaken_bytes(int descriptor) {
    int bytes = 0;
    return ioctl(descriptor, TIOCOUTQ, &bytes) == 0 ? bytes : -1;
}

int clinux_tcp_keepalive(int descriptor, int idle, int interval, int count) {
    int on = 1;
    unsigned int unconfirmed = 60000;
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle) != 0) return -1;
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval) != 0) return -1;
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count) != 0) return -1;
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &unconfirmed, sizeof unconfirmed) != 0) return -1;
    return setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/// Writes where an address belongs in a question about a socket; -1 for what is no address of TCP.
static int diagnosed(const struct sockaddr_storage *address, __be16 *port, __be32 *words) {
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;
        *port = four->sin_port;
        memcpy(words, &four->sin_addr, sizeof four->sin_addr);
        return 0;
    }
    if (address->ss_family != AF_INET6) return -1;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    *port = six->sin6_port;
    memcpy(words, &six->sin6_addr, sizeof six->sin6_addr);
    return 0;
}

int clinux_tcp_peer_is_abandoned(int descriptor) {
    struct sockaddr_storage ours, theirs;
    socklen_t length = sizeof ours, peerLength = sizeof theirs;
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } question = {0};
    if (getsockname(descriptor, (struct sockaddr *)&ours, &length) != 0) return 0;
    if (getpeername(descriptor, (struct sockaddr *)&theirs, &peerLength) != 0) return 0;
    struct inet_diag_sockid *socketID = &question.body.id;
    if (diagnosed(&theirs, &socketID->idiag_sport, socketID->idiag_src) != 0) return 0;
    if (diagnosed(&ours, &socketID->idiag_dport, socketID->idiag_dst) != 0) return 0;
    socketID->idiag_cookie[0] = socketID->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.body.sdiag_family = (__u8)ours.ss_family;
    question.body.sdiag_protocol = IPPROTO_TCP;
    question.body.idiag_states = ~0u;

    int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (netlink < 0) return 0;
    union {
        struct nlmsghdr header;
        char bytes[1024];
    } answer;
    ssize_t count = -1;
    // The kernel answers before it returns from the question.
    if (send(netlink, &question, sizeof question, 0) == (ssize_t)sizeof question)
        count = recv(netlink, &answer, sizeof answer, MSG_DONTWAIT);
    close(netlink);
    if (count < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg))) return 0;
    if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return 0;
    const struct inet_diag_msg *found = NLMSG_DATA(&answer.header);
    int isClosing = found->idiag_state == TCP_FIN_WAIT1 || found->idiag_state == TCP_FIN_WAIT2
        || found->idiag_state == TCP_TIME_WAIT || found->idiag_state == TCP_CLOSING || found->idiag_state == TCP_LAST_ACK;
    // Without an inode no file stands for it.
    return isClosing && found->idiag_inode == 0;
}

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }

unsigned int clinux_device_major(dev_t device) { return major(device); }
unsigned int clinux_device_minor(dev_t device) { return minor(device); }

int clinux_receive_descriptor(int socket) {
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t count;
    do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) {
        errno = EPROTO;
        return -1;
    }
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

int clinux_interface_up(const char *name) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0) return -1;
    int status = ioctl(control, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP;
    if (status == 0) status = ioctl(control, SIOCSIFFLAGS, &request);
    int error = errno;
    close(control);
    errno = error;
    return status;
}

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int descriptor) {
    return posix_spawn_file_actions_addclosefrom_np(actions, descriptor);
}

int clinux_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}
