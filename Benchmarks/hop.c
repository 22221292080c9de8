// hop COUNT REQUEST EXECUTABLE [FIRST…]
// Starts an executable and sends it COUNT request lines on its standard input, each once the one before is answered on its
// standard output; prints "median-microseconds 99th-percentile-microseconds". FIRST are lines sent and answered before.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/// Sends a line and reads to the end of the next one.
static void exchange(int to, int from, const char *line, size_t length) {
    static char bytes[1 << 16];
    if (write(to, line, length) != (ssize_t)length) exit(1);
    ssize_t count;
    do {
        count = read(from, bytes, sizeof bytes);
        if (count <= 0) exit(1);
    } while (bytes[count - 1] != '\n');
}

int main(int count, char **arguments) {
    if (count < 4) return 2;
    int total = atoi(arguments[1]), to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0) return 1;
    if (fork() == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        for (int number = 3; number < 16; number++) close(number);
        execl(arguments[3], arguments[3], (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    char line[1 << 14];
    for (int index = 4; index < count; index++) {
        int length = snprintf(line, sizeof line, "%s\n", arguments[index]);
        exchange(to[1], from[0], line, (size_t)length);
    }
    int length = snprintf(line, sizeof line, "%s\n", arguments[2]);
    double *taken = malloc(sizeof(double) * (size_t)total);
    for (int index = 0; index < total; index++) {
        double start = now();
        exchange(to[1], from[0], line, (size_t)length);
        taken[index] = now() - start;
    }
    qsort(taken, (size_t)total, sizeof(double), ascending);
    printf("%.1f %.1f\n", taken[total / 2], taken[total * 99 / 100]);
    return 0;
}
