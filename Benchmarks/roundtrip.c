// roundtrip ADDRESS PORT COUNT: sends COUNT datagrams to an echo, one after the other, and prints the median round trip
// in microseconds. A datagram or answer that gets lost ends it with status 1.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    int total = atoi(arguments[3]), client = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[2]))};
    struct timeval patience = {.tv_sec = 2};
    char datagram[16] = "0123456789abcde";
    if (inet_pton(AF_INET, arguments[1], &address.sin_addr) != 1) return 2;
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(client, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    double *taken = malloc(sizeof(double) * (size_t)total);
    for (int index = 0; index < total; index++) {
        double start = now();
        if (send(client, datagram, sizeof datagram, 0) < 0 || recv(client, datagram, sizeof datagram, 0) < 0) return 1;
        taken[index] = now() - start;
    }
    qsort(taken, (size_t)total, sizeof(double), ascending);
    printf("%.2f\n", taken[total / 2]);
    return 0;
}
