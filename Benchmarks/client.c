// client PORT DEPTH COUNT REQUEST [FIRST]
// Sends COUNT request lines to a server on loopback, at most DEPTH unanswered at a time, and prints
// "messages-per-second median-microseconds 99th-percentile-microseconds". "#######" in REQUEST stands for the number of the
// request; FIRST is a line sent and answered before.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void send_all(int server, const char *bytes, size_t length) {
    for (size_t sent = 0; sent < length;) {
        ssize_t part = write(server, bytes + sent, length - sent);
        if (part <= 0) exit(1);
        sent += (size_t)part;
    }
}

/// Reads what there is and returns how many lines ended in it.
static int lines(int server) {
    static char bytes[1 << 18];
    ssize_t length = read(server, bytes, sizeof bytes);
    int ended = 0;
    if (length <= 0) exit(1);
    for (ssize_t index = 0; index < length; index++) ended += bytes[index] == '\n';
    return ended;
}

int main(int count, char **arguments) {
    if (count < 5) return 2;
    int depth = atoi(arguments[2]), total = atoi(arguments[3]), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((unsigned short)atoi(arguments[1]));
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (count > 5) {
        send_all(server, arguments[5], strlen(arguments[5]));
        send_all(server, "\n", 1);
        while (lines(server) == 0) {}
    }

    size_t length = strlen(arguments[4]) + 1;
    char *requests = malloc(length * (size_t)total), *place = strstr(arguments[4], "#######"), digits[16];
    for (int index = 0; index < total; index++) {
        char *request = requests + length * (size_t)index;
        memcpy(request, arguments[4], length - 1);
        request[length - 1] = '\n';
        snprintf(digits, sizeof digits, "%07d", index % 10000000);
        if (place) memcpy(request + (place - arguments[4]), digits, 7);
    }
    double *sent_at = malloc(sizeof(double) * (size_t)total), *taken = malloc(sizeof(double) * (size_t)total);
    int sent = 0, answered = 0;
    double start = now();
    while (answered < total) {
        int room = depth - (sent - answered);
        if (room > total - sent) room = total - sent;
        double moment = now();
        for (int index = 0; index < room; index++) sent_at[sent + index] = moment;
        send_all(server, requests + length * (size_t)sent, length * (size_t)room);
        sent += room;
        int ended = lines(server);
        moment = now();
        for (; ended > 0 && answered < total; ended--, answered++) taken[answered] = moment - sent_at[answered];
    }
    double seconds = (now() - start) / 1e6;
    qsort(taken, (size_t)total, sizeof(double), ascending);
    printf("%.0f %.1f %.1f\n", total / seconds, taken[total / 2], taken[total * 99 / 100]);
    return 0;
}
