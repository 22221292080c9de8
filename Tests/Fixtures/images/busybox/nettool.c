// nettool: what the tests ask of a network, in one static program.
//   nettool tcp ADDRESS PORT            connected | timeout | the error
//   nettool udp ADDRESS PORT MESSAGE    echo MESSAGE | timeout | the error
//   nettool udp-echo PORT               answers every datagram with itself
//   ping [-c1 -W1] NAME                 one echo request; the same program by another name
// (Debian's static busybox has no nc -u, its wget crashes in a bare root filesystem, and its ping wants raw sockets.)
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { patience_milliseconds = 1500 };

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

static int tcp(const struct sockaddr_in *peer) {
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(client, (const struct sockaddr *)peer, sizeof *peer) != 0 && errno != EINPROGRESS) return fail(errno);
    if (!ready(client, POLLOUT)) return 1;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) return fail(error);
    puts("connected");
    return 0;
}

static int udp(const struct sockaddr_in *peer, const char *message) {
    char answer[2048];
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(client, (const struct sockaddr *)peer, sizeof *peer) != 0) return fail(errno);
    if (send(client, message, strlen(message), 0) < 0) return fail(errno);
    if (!ready(client, POLLIN)) return 1;
    ssize_t count = recv(client, answer, sizeof answer, 0);
    if (count < 0) return fail(errno);
    printf("echo %.*s\n", (int)count, answer);
    return 0;
}

static int udp_echo(const struct sockaddr_in *own) {
    char datagram[2048];
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(server, (const struct sockaddr *)own, sizeof *own) != 0) return fail(errno);
    for (;;) {
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        ssize_t count = recvfrom(server, datagram, sizeof datagram, 0, (struct sockaddr *)&peer, &size);
        if (count > 0) sendto(server, datagram, (size_t)count, 0, (struct sockaddr *)&peer, size);
    }
}

/// The address of a name in /etc/hosts, or of an address as text; 0 when there is none.
static int resolve(const char *name, struct in_addr *address) {
    char line[4096];
    if (inet_pton(AF_INET, name, address) == 1) return 1;
    FILE *hosts = fopen("/etc/hosts", "r");
    while (hosts && fgets(line, sizeof line, hosts)) {
        char *words, *own = strtok_r(line, " \t\n", &words);
        if (!own || inet_pton(AF_INET, own, address) != 1) continue;
        for (char *word = strtok_r(NULL, " \t\n", &words); word; word = strtok_r(NULL, " \t\n", &words))
            if (strcmp(word, name) == 0) return 1;
    }
    return 0;
}

/// Prints what busybox's ping does, through a datagram socket that needs no capability.
static int ping(const char *name) {
    struct sockaddr_in peer = {.sin_family = AF_INET};
    struct icmphdr request = {.type = ICMP_ECHO};
    char answer[256], text[INET_ADDRSTRLEN];
    if (!resolve(name, &peer.sin_addr)) {
        fprintf(stderr, "ping: bad address '%s'\n", name);
        return 1;
    }
    inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
    printf("PING %s (%s): 56 data bytes\n", name, text);
    int client = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    if (client < 0) return fail(errno);
    struct pollfd polled = {.fd = client, .events = POLLIN};
    int received = sendto(client, &request, sizeof request, 0, (struct sockaddr *)&peer, sizeof peer) > 0
        && poll(&polled, 1, patience_milliseconds) > 0 && recv(client, answer, sizeof answer, 0) > 0;
    printf("\n--- %s ping statistics ---\n", name);
    printf("1 packets transmitted, %d packets received, %d%% packet loss\n", received, received ? 0 : 100);
    return !received;
}

int main(int count, char **arguments) {
    const char *own_name = strrchr(arguments[0], '/');
    if (count > 1 && strcmp(own_name ? own_name + 1 : arguments[0], "ping") == 0) return ping(arguments[count - 1]);
    struct sockaddr_in address = {.sin_family = AF_INET};
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count == 3 && strcmp(arguments[1], "udp-echo") == 0) {
        address.sin_port = htons((uint16_t)atoi(arguments[2]));
        return udp_echo(&address);
    }
    if (count < 4 || inet_pton(AF_INET, arguments[2], &address.sin_addr) != 1) {
        fputs("usage: nettool tcp ADDRESS PORT | udp ADDRESS PORT MESSAGE | udp-echo PORT\n", stderr);
        return 2;
    }
    address.sin_port = htons((uint16_t)atoi(arguments[3]));
    if (strcmp(arguments[1], "udp") == 0 && count == 5) return udp(&address, arguments[4]);
    return tcp(&address);
}
