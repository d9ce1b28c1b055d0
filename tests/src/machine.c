// A machine whose clock steps and whose disk takes nothing: loaded before the C library into the program under test.
// What it does is ordered by the test, in a file that both have mapped.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

struct orders {
    int64_t clock_ahead_ms;
    int64_t read_only;
};

static const volatile struct orders *orders;
static const char *folder;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("WEIR_TESTS_ORDERS");
    folder = getenv("WEIR_TESTS_FOLDER");
    if (!path || !folder) return;
    int file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    void *mapped = mmap(NULL, sizeof(struct orders), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) orders = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && orders && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ahead = orders->clock_ahead_ms;
        int64_t nanoseconds = now->tv_nsec + ahead % 1000 * 1000000;
        now->tv_sec += ahead / 1000 + (nanoseconds >= 1000000000) - (nanoseconds < 0);
        now->tv_nsec = (nanoseconds + 1000000000) % 1000000000;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (now) *now = precise.tv_sec;
    return precise.tv_sec;
}

static int64_t ms_of(const struct timespec *time) {
    return time->tv_sec * 1000 + time->tv_nsec / 1000000;
}

// Deadlines by the clock that steps: whoever waits for one waits longer once it was set back. The kernel, which knows
// the true clock alone, is asked for short waits.
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
    for (;;) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        int64_t left = ms_of(until) - ms_of(&now);
        if (left > 200) left = 200;
        if (left < 0) left = 0;
        struct timespec soon;
        syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &soon);
        int64_t nanoseconds = soon.tv_nsec + left * 1000000;
        soon.tv_sec += nanoseconds / 1000000000;
        soon.tv_nsec = nanoseconds % 1000000000;
        int ended = pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &soon);
        if (ended != ETIMEDOUT) return ended;
        clock_gettime(CLOCK_REALTIME, &now);
        if (ms_of(&now) >= ms_of(until)) return ETIMEDOUT;
    }
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
    int ended = pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until);
    return ended == 0 ? thrd_success : ended == ETIMEDOUT ? thrd_timedout : thrd_error;
}

int timespec_get(struct timespec *now, int base) {
    return clock_gettime(CLOCK_REALTIME, now) ? 0 : base;
}

static int refused(const char *path) {
    return strncmp(path, folder, strlen(folder)) == 0;
}

static int file_refused(int file) {
    char link[32], path[4096];
    if (!orders || !orders->read_only) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return refused(path);
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (file_refused(file)) return errno = EROFS, -1;
    return syscall(SYS_write, file, bytes, count);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    if (file_refused(file)) return errno = EROFS, -1;
    return syscall(SYS_pwrite64, file, bytes, count, at);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    return pwrite64(file, bytes, count, at);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
    if (writes && orders && orders->read_only && refused(path)) return errno = EROFS, -1;
    return syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}
