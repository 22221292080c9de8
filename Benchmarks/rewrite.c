// rewrite DIRECTORY COUNT: makes COUNT files like a container's /etc/hosts, changes a line in the middle of each as plainly
// as can be (open, read, pwrite, close), and prints how many milliseconds that took.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const before = "127.0.0.1\tlocalhost\n172.17.0.2\tdb 6e5cdeb2d300 source\n172.17.0.3\t126f3354b725\n";

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

int main(int count, char **arguments) {
    char path[4096], text[4096];
    if (count != 3) return 2;
    int files = atoi(arguments[2]);
    for (int index = 0; index < files; index++) {
        snprintf(path, sizeof path, "%s/hosts-%d", arguments[1], index);
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (file < 0 || write(file, before, strlen(before)) < 0) return 1;
        close(file);
    }
    double start = now();
    for (int index = 0; index < files; index++) {
        snprintf(path, sizeof path, "%s/hosts-%d", arguments[1], index);
        int file = open(path, O_RDWR | O_CLOEXEC);
        ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
        if (length < 0) return 1;
        text[length] = 0;
        char *place = strstr(text, "172.17.0.2");
        if (!place) return 1;
        memcpy(place, "172.17.9.9", 10);
        if (pwrite(file, place, strlen(place), place - text) < 0) return 1;
        close(file);
    }
    printf("%.1f\n", now() - start);
    return 0;
}
