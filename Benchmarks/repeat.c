// repeat COUNT COMMAND…: runs the command COUNT times, "{}" in an argument standing for the number of the run (its
// last five digits from 20000 on as "{port}"), and prints "median-milliseconds 90th-percentile-milliseconds".
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static char *with(const char *text, const char *mark, int number) {
    const char *place = strstr(text, mark);
    if (!place) return strdup(text);
    char *result = malloc(strlen(text) + 16);
    sprintf(result, "%.*s%d%s", (int)(place - text), text, number, place + strlen(mark));
    return result;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    int runs = atoi(arguments[1]);
    double *taken = malloc(sizeof(double) * (size_t)runs);
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    for (int run = 0; run < runs; run++) {
        char **command = calloc((size_t)count, sizeof(char *));
        for (int index = 2; index < count; index++) {
            char *numbered = with(arguments[index], "{}", run);
            command[index - 2] = with(numbered, "{port}", 20000 + run);
            free(numbered);
        }
        pid_t child;
        int status;
        double start = now();
        if (posix_spawnp(&child, command[0], &quiet, NULL, command, environ) != 0) return 1;
        waitpid(child, &status, 0);
        taken[run] = now() - start;
        if (status != 0) {
            fprintf(stderr, "repeat: %s failed in run %d\n", command[0], run);
            return 1;
        }
    }
    qsort(taken, (size_t)runs, sizeof(double), ascending);
    printf("%.1f %.1f\n", taken[runs / 2], taken[runs * 9 / 10]);
    return 0;
}
