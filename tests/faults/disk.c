/* A disk that is full, or that does not keep what it was given: preloaded into a process, switched on by files.
   KINDROOM_DISK_FULL: while this file is there, no regular file grows (ENOSPC).
   KINDROOM_DISK_SYNC: once, for each time that this file is made, an fsync or fdatasync fails (EIO). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int switched_on(const char *name) {
    int kept = errno;
    const char *path = getenv(name);
    int on = path && access(path, F_OK) == 0;
    errno = kept;
    return on;
}

static int refused(int fd, off_t at, size_t count) {
    struct stat found;
    if (!switched_on("KINDROOM_DISK_FULL") || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return 0;
    if (at < 0) at = fcntl(fd, F_GETFL) & O_APPEND ? found.st_size : lseek(fd, 0, SEEK_CUR);
    if (at + (off_t)count <= found.st_size) return 0;
    errno = ENOSPC;
    return 1;
}

static size_t total(const struct iovec *pieces, int count) {
    size_t bytes = 0;
    for (int n = 0; n < count; n++) bytes += pieces[n].iov_len;
    return bytes;
}

ssize_t write(int fd, const void *data, size_t count) {
    return refused(fd, -1, count) ? -1 : REAL(write)(fd, data, count);
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    return refused(fd, -1, total(pieces, count)) ? -1 : REAL(writev)(fd, pieces, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) {
    return refused(fd, at, count) ? -1 : REAL(pwrite)(fd, data, count, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) {
    return refused(fd, at, count) ? -1 : REAL(pwrite64)(fd, data, count, at);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at) {
    return refused(fd, at, total(pieces, count)) ? -1 : REAL(pwritev)(fd, pieces, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t at) {
    return refused(fd, at, total(pieces, count)) ? -1 : REAL(pwritev64)(fd, pieces, count, at);
}

int posix_fallocate(int fd, off_t at, off_t count) {
    return refused(fd, at, count) ? ENOSPC : REAL(posix_fallocate)(fd, at, count);
}

int posix_fallocate64(int fd, off64_t at, off64_t count) {
    return refused(fd, at, count) ? ENOSPC : REAL(posix_fallocate64)(fd, at, count);
}

static int lost(void) {
    int kept = errno;
    const char *path = getenv("KINDROOM_DISK_SYNC");
    int mine = path && unlink(path) == 0; /* of all who ask, one takes it */
    errno = mine ? EIO : kept;
    return mine;
}

int fsync(int fd) { return lost() ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return lost() ? -1 : REAL(fdatasync)(fd); }
