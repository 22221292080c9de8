// nettool: what the tests ask of a network, in one static program.
//   nettool tcp NAME PORT               connected | timeout | the error
//   nettool udp NAME PORT MESSAGE       echo MESSAGE | timeout | the error
//   nettool udp-echo PORT               answers every datagram with itself
//   nettool hold NAME PORT              connects, then says "open" or "closed" for each line it reads
//   ping [-6 -c1 -W1] NAME              one echo request; the same program by another name
// NAME is an address of either family, or a name in /etc/hosts (with -6 before it, its IPv6 address).
// (Debian's static busybox has no nc -u, its wget crashes in a bare root filesystem, and its ping wants raw sockets.)
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { patience_milliseconds = 1500 };

/// An address with its port, of either family.
struct peer {
    struct sockaddr_storage storage;
    socklen_t size;
};

static int fail(int error) {
    puts(strerror(error));
    return 1;
}

/// Whether the socket becomes ready in time.
static int ready(int socket, short events) {
    struct pollfd polled = {.fd = socket, .events = events};
    if (poll(&polled, 1, patience_milliseconds) > 0) return 1;
    puts("timeout");
    return 0;
}

/// Reads an address of that family (0: any); 0 when it is none.
static int parse(const char *text, int family, struct peer *peer) {
    struct sockaddr_in *four = (struct sockaddr_in *)&peer->storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&peer->storage;
    memset(peer, 0, sizeof *peer);
    if (family != AF_INET6 && inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        peer->size = sizeof *four;
        return 1;
    }
    if (family != AF_INET && inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        peer->size = sizeof *six;
        return 1;
    }
    return 0;
}

/// The address of a name in /etc/hosts, or of an address as text; 0 when there is none.
static int resolve(const char *name, int family, struct peer *peer) {
    char line[4096];
    if (parse(name, 0, peer)) return 1;
    FILE *hosts = fopen("/etc/hosts", "r");
    while (hosts && fgets(line, sizeof line, hosts)) {
        char *words, *own = strtok_r(line, " \t\n", &words);
        if (!own || !parse(own, family, peer)) continue;
        for (char *word = strtok_r(NULL, " \t\n", &words); word; word = strtok_r(NULL, " \t\n", &words))
            if (strcmp(word, name) == 0) return 1;
    }
    return 0;
}

static void set_port(struct peer *peer, const char *port) {
    // The port is in the same place in both families.
    ((struct sockaddr_in *)&peer->storage)->sin_port = htons((uint16_t)atoi(port));
}

static int connect_to(const struct peer *peer, int type) {
    int client = socket(peer->storage.ss_family, type | SOCK_NONBLOCK, 0);
    if (connect(client, (const struct sockaddr *)&peer->storage, peer->size) == 0 || errno == EINPROGRESS) return client;
    fail(errno);
    return -1;
}

static int tcp(const struct peer *peer) {
    int client = connect_to(peer, SOCK_STREAM);
    if (client < 0 || !ready(client, POLLOUT)) return -1;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        fail(error);
        return -1;
    }
    puts("connected");
    return client;
}

/// Keeps a connection to a server that says nothing, and tells whether it still is one.
static int hold(const struct peer *peer) {
    char line[64], byte;
    int client = tcp(peer);
    if (client < 0) return 1;
    while (fgets(line, sizeof line, stdin)) {
        send(client, "x", 1, MSG_NOSIGNAL);
        struct pollfd polled = {.fd = client, .events = POLLIN};
        poll(&polled, 1, 300);
        puts(recv(client, &byte, 1, 0) < 0 && errno == EAGAIN ? "open" : "closed");
    }
    return 0;
}

static int udp(const struct peer *peer, const char *message) {
    char answer[2048];
    int client = connect_to(peer, SOCK_DGRAM);
    if (client < 0) return 1;
    if (send(client, message, strlen(message), 0) < 0) return fail(errno);
    if (!ready(client, POLLIN)) return 1;
    ssize_t count = recv(client, answer, sizeof answer, 0);
    if (count < 0) return fail(errno);
    printf("echo %.*s\n", (int)count, answer);
    return 0;
}

/// Serves both families where there are two.
static int udp_echo(const char *port) {
    char datagram[2048];
    struct peer own;
    int server = -1;
    for (int tries = 0; tries < 2; tries++) {
        parse(tries == 0 ? "::" : "0.0.0.0", 0, &own);
        set_port(&own, port);
        server = socket(own.storage.ss_family, SOCK_DGRAM, 0);
        if (server >= 0 && bind(server, (const struct sockaddr *)&own.storage, own.size) == 0) break;
        if (tries == 1) return fail(errno);
    }
    for (;;) {
        struct peer peer = {.size = sizeof peer.storage};
        ssize_t count = recvfrom(server, datagram, sizeof datagram, 0, (struct sockaddr *)&peer.storage, &peer.size);
        if (count > 0) sendto(server, datagram, (size_t)count, 0, (struct sockaddr *)&peer.storage, peer.size);
    }
}

/// Prints what busybox's ping does, through a datagram socket that needs no capability.
static int ping(const char *name, int family) {
    struct peer peer;
    char answer[256], text[INET6_ADDRSTRLEN];
    if (!resolve(name, family, &peer)) {
        fprintf(stderr, "ping: bad address '%s'\n", name);
        return 1;
    }
    int six = peer.storage.ss_family == AF_INET6;
    struct icmphdr request = {.type = six ? ICMP6_ECHO_REQUEST : ICMP_ECHO};
    const void *address = six ? (void *)&((struct sockaddr_in6 *)&peer.storage)->sin6_addr
                              : (void *)&((struct sockaddr_in *)&peer.storage)->sin_addr;
    inet_ntop(peer.storage.ss_family, address, text, sizeof text);
    printf("PING %s (%s): 56 data bytes\n", name, text);
    int client = socket(peer.storage.ss_family, SOCK_DGRAM, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    if (client < 0) return fail(errno);
    struct pollfd polled = {.fd = client, .events = POLLIN};
    int received = sendto(client, &request, sizeof request, 0, (struct sockaddr *)&peer.storage, peer.size) > 0
        && poll(&polled, 1, patience_milliseconds) > 0 && recv(client, answer, sizeof answer, 0) > 0;
    printf("\n--- %s ping statistics ---\n", name);
    printf("1 packets transmitted, %d packets received, %d%% packet loss\n", received, received ? 0 : 100);
    return !received;
}

int main(int count, char **arguments) {
    const char *own_name = strrchr(arguments[0], '/');
    int family = AF_INET;
    for (int index = 1; index < count; index++)
        if (strcmp(arguments[index], "-6") == 0) family = AF_INET6;
    if (count > 1 && strcmp(own_name ? own_name + 1 : arguments[0], "ping") == 0)
        return ping(arguments[count - 1], family);
    if (count > 1 && strcmp(arguments[1], "-6") == 0) {
        arguments++;
        count--;
    }
    struct peer peer;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count == 3 && strcmp(arguments[1], "udp-echo") == 0) return udp_echo(arguments[2]);
    if (count < 4 || !resolve(arguments[2], family, &peer)) {
        fputs("usage: nettool [-6] tcp NAME PORT | udp NAME PORT MESSAGE | hold NAME PORT | udp-echo PORT\n", stderr);
        return 2;
    }
    set_port(&peer, arguments[3]);
    if (strcmp(arguments[1], "udp") == 0 && count == 5) return udp(&peer, arguments[4]);
    if (strcmp(arguments[1], "hold") == 0) return hold(&peer);
    return tcp(&peer) < 0;
}
