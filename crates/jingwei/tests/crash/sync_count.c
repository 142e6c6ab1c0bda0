/*
 * A counting layer over the file system, put before the C library with LD_PRELOAD: what the program writes into its two
 * databases and their logs, and when it asks the system to bring that to the disk.
 *
 * Must not change what a call does. The counters lie in a file that the test reads while the program runs; each call gets a
 * number from one common count when it has returned, so "before" and "after" can be told. sync_file_range is counted as no
 * sync: it does not empty the disk's own cache and says nothing of the file's length.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* The test knows this layout: the common count, then for each file the five numbers. */
struct file {
    uint64_t writes, syncs, ranges, last_write, last_sync;
};
struct counters {
    uint64_t calls;
    struct file files[4];
};

static struct counters *counters;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("JINGWEI_SYNC_COUNT");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) counters = at;
}

static struct file *file_of(int fd) {
    static const char *const names[4] = {"jingwei.db", "jingwei.db-wal", "keys.db", "keys.db-wal"};
    char link[64], path[4096];
    if (!counters) return NULL;
    int kept = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    errno = kept;
    if (n <= 0) return NULL;
    path[n] = 0;
    const char *name = strrchr(path, '/');
    for (int i = 0; name && i < 4; i++)
        if (strcmp(name + 1, names[i]) == 0) return &counters->files[i];
    return NULL;
}

static uint64_t next(void) { return __atomic_add_fetch(&counters->calls, 1, __ATOMIC_SEQ_CST); }

static void wrote(int fd, ssize_t n) {
    struct file *file = n > 0 ? file_of(fd) : NULL;
    if (!file) return;
    __atomic_store_n(&file->last_write, next(), __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&file->writes, 1, __ATOMIC_SEQ_CST);
}

static int synced(int fd, int result) {
    struct file *file = result == 0 ? file_of(fd) : NULL;
    if (!file) return result;
    __atomic_store_n(&file->last_sync, next(), __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&file->syncs, 1, __ATOMIC_SEQ_CST);
    return result;
}

int fsync(int fd) { return synced(fd, (int)syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { return synced(fd, (int)syscall(SYS_fdatasync, fd)); }

int sync_file_range(int fd, off64_t from, off64_t length, unsigned int flags) {
    int result = (int)syscall(SYS_sync_file_range, fd, from, length, flags);
    struct file *file = file_of(fd);
    if (file) __atomic_add_fetch(&file->ranges, 1, __ATOMIC_SEQ_CST);
    return result;
}

ssize_t write(int fd, const void *from, size_t n) {
    ssize_t done = syscall(SYS_write, fd, from, n);
    wrote(fd, done);
    return done;
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) {
    ssize_t done = syscall(SYS_pwrite64, fd, from, n, at);
    wrote(fd, done);
    return done;
}

/* On 64-bit systems the two have the same meaning. */
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { return pwrite64(fd, from, n, at); }

ssize_t writev(int fd, const struct iovec *from, int n) {
    ssize_t done = syscall(SYS_writev, fd, from, n);
    wrote(fd, done);
    return done;
}
