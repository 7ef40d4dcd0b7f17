// An application that remembers what it was promised. Compiled by the test; runs on the primary.
//
//   promise do FOLDER CALL DAEMON       makes one call; the instant it has returned, the node dies: cable, daemon (a process number), application
//   promise do FOLDER CALL              makes one call once it reads a line, and goes on living
//   promise check FOLDER CALL BEFORE    whether a copy of FOLDER holds what the call promised, and a prefix of the history beside it
//   promise list                        every call, with what promises it: sync (always), close, or all
//
// Beside the call of the first form a second thread changes names, one numbered change after the other, until it dies: the history. What a copy holds of it must be what
// it was after some number of changes, and after no fewer than were done before the call.
// Descriptors 3 and 4, where they are open, are directories of file systems that lose power at the same instant (FS_IOC_SHUTDOWN without a flush of the
// journal, the way of xfstests): nothing that was not on the disk is there afterwards.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FS_IOC_SHUTDOWN _IOR('X', 125, unsigned int)
#define SHUTDOWN_WITHOUT_FLUSH 2u
#define FIRST_CHANGE 6
#define CHANGES_BEFORE 50
#define CONTENT_BYTES 20480
#define NOTE "user.note"

static char content[CONTENT_BYTES] __attribute__((aligned(4096))); // as O_DIRECT wants it
static int folder = -1, history = -1, file = -1;
static atomic_int changes;

static void must(int holds, const char *what)
{
    if (holds)
        return;
    printf("failed: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    exit(1);
}

static const char *name(const char *kind, int number)
{
    static _Thread_local char texts[4][32];
    static _Thread_local int next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], "%s%d", kind, number);
    return text;
}

// The history: six kinds of change, and no state comes twice.
static int change(int at, int number)
{
    switch (number % 6) {
    case 0: return mkdirat(at, name("d", number), 0755);
    case 1: return symlinkat(name("", number), at, name("s", number));
    case 2: return mknodat(at, name("p", number), S_IFIFO | 0644, 0);
    case 3: return renameat(at, name("d", number - 3), at, name("e", number - 3));
    case 4: return fchmodat(at, name("p", number - 2), 0400, 0);
    default: return unlinkat(at, name("s", number - 4), 0);
    }
}

static void *make_history(void *unused)
{
    while (change(history, FIRST_CHANGE + changes) == 0) {
        changes++;
        usleep(300);
    }
    return unused;
}

static void write_content(void)
{
    must(pwrite(file, content, sizeof content, 0) == sizeof content, "write");
}

static void open_file(int flags)
{
    file = openat(folder, "file", O_CREAT | O_RDWR | flags, 0644);
    must(file >= 0, "open");
}

static void closed_file(void)
{
    open_file(0);
    write_content();
    must(close(file) == 0, "close");
}

static void noted_file(void)
{
    closed_file();
    open_file(0);
    must(fsetxattr(file, NOTE, "x", 1, 0) == 0, "setxattr");
}

static void only_open(void) { open_file(0); }
static void written_file(void) { open_file(0); write_content(); }
static void synchronous_file(void) { open_file(O_SYNC); }
static void data_synchronous_file(void) { open_file(O_DSYNC); }
static void direct_file(void) { open_file(O_DIRECT); }
static void with_folder(void) { must(mkdirat(folder, "a", 0755) == 0, "mkdir"); }

static int do_fsync(void) { write_content(); return fsync(file); }
static int do_fdatasync(void) { write_content(); return fdatasync(file); }
static int do_write(void) { return pwrite(file, content, sizeof content, 0) == sizeof content ? 0 : -1; }
static int do_close(void) { write_content(); return close(file); }
static int do_rename(void) { return renameat(folder, "file", folder, "other"); }
static int do_link(void) { return linkat(folder, "file", folder, "other", 0); }
static int do_create(void) { open_file(O_EXCL); return 0; }
static int do_truncate(void) { return ftruncate(file, 7); }
static int do_unlink(void) { return unlinkat(folder, "file", 0); }
static int do_mkdir(void) { return mkdirat(folder, "a", 0755); }
static int do_rmdir(void) { return unlinkat(folder, "a", AT_REMOVEDIR); }
static int do_chmod(void) { return fchmodat(folder, "file", 0400, 0); }
static int do_chown(void) { return fchownat(folder, "file", 7, 8, 0); }
static int do_utimens(void)
{
    const struct timespec times[2] = {{ 1000, 0 }, { 2000, 0 }};
    return utimensat(folder, "file", times, 0);
}
static int do_setxattr(void) { return fsetxattr(file, NOTE, "y", 1, 0); }
static int do_removexattr(void) { return fremovexattr(file, NOTE); }
static int do_symlink(void) { return symlinkat("target", folder, "a"); }
static int do_mknod(void) { return mknodat(folder, "a", S_IFIFO | 0600, 0); }
static int do_fallocate(void) { return fallocate(file, 0, 0, 3 * CONTENT_BYTES); }
static int do_fsync_of_folder(void) { must(do_mkdir() == 0, "mkdir"); return fsync(folder); }
static int do_msync(void)
{
    must(ftruncate(file, sizeof content) == 0, "truncate");
    char *map = mmap(0, sizeof content, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(map != MAP_FAILED, "mmap");
    memcpy(map, content, sizeof content);
    return msync(map, sizeof content, MS_SYNC);
}

static struct stat status(const char *path)
{
    struct stat found = { 0 };
    if (fstatat(folder, path, &found, AT_SYMLINK_NOFOLLOW) != 0)
        found.st_mode = 0;
    return found;
}

static int holds_content(const char *path)
{
    char found[CONTENT_BYTES + 1];
    int opened = openat(folder, path, O_RDONLY);
    return opened >= 0 && pread(opened, found, sizeof found, 0) == sizeof content && memcmp(found, content, sizeof content) == 0;
}

static ssize_t note(char *value)
{
    int opened = openat(folder, "file", O_RDONLY);
    return fgetxattr(opened, NOTE, value, 1);
}

static int has_content(void) { return holds_content("file"); }
static int is_renamed(void) { return holds_content("other") && status("file").st_mode == 0; }
static int is_linked(void) { return has_content() && holds_content("other") && status("file").st_ino == status("other").st_ino; }
static int is_empty_file(void) { return S_ISREG(status("file").st_mode); }
static int is_short(void) { return status("file").st_size == 7; }
static int is_long(void) { return status("file").st_size == 3 * CONTENT_BYTES; }
static int is_gone(void) { return status("file").st_mode == 0; }
static int is_folder(void) { return S_ISDIR(status("a").st_mode); }
static int is_no_folder(void) { return status("a").st_mode == 0; }
static int is_link(void) { return S_ISLNK(status("a").st_mode); }
static int is_fifo(void) { return status("a").st_mode == (S_IFIFO | 0600); }
static int is_read_only(void) { return status("file").st_mode == (S_IFREG | 0400); }
static int is_owned(void) { return status("file").st_uid == 7 && status("file").st_gid == 8; }
static int is_old(void) { return status("file").st_mtime == 2000; }
static int is_noted(void) { char value = 0; return note(&value) == 1 && value == 'y'; }
static int is_unnoted(void) { char value; return note(&value) == -1 && errno == ENODATA; }

static void nothing(void) { }

static const struct promise {
    const char *call, *promised_by;
    void (*prepare)(void);
    int (*make)(void);
    int (*kept)(void);
} promises[] = {
    { "fsync", "sync", only_open, do_fsync, has_content },
    { "fdatasync", "sync", only_open, do_fdatasync, has_content },
    { "O_SYNC", "sync", synchronous_file, do_write, has_content },
    { "O_DSYNC", "sync", data_synchronous_file, do_write, has_content },
    { "O_DIRECT", "sync", direct_file, do_fsync, has_content },
    { "msync", "sync", only_open, do_msync, has_content },
    { "fsync-of-folder", "sync", nothing, do_fsync_of_folder, is_folder },
    { "close", "close", only_open, do_close, has_content },
    { "rename", "close", closed_file, do_rename, is_renamed },
    { "link", "close", closed_file, do_link, is_linked },
    { "create", "all", nothing, do_create, is_empty_file },
    { "write", "all", only_open, do_write, has_content },
    { "truncate", "all", written_file, do_truncate, is_short },
    { "fallocate", "all", written_file, do_fallocate, is_long },
    { "unlink", "all", closed_file, do_unlink, is_gone },
    { "mkdir", "all", nothing, do_mkdir, is_folder },
    { "rmdir", "all", with_folder, do_rmdir, is_no_folder },
    { "symlink", "all", nothing, do_symlink, is_link },
    { "mknod", "all", nothing, do_mknod, is_fifo },
    { "chmod", "all", closed_file, do_chmod, is_read_only },
    { "chown", "all", closed_file, do_chown, is_owned },
    { "utimens", "all", closed_file, do_utimens, is_old },
    { "setxattr", "all", noted_file, do_setxattr, is_noted },
    { "removexattr", "all", noted_file, do_removexattr, is_unnoted },
};

static const struct promise *find(const char *call)
{
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        if (strcmp(promises[i].call, call) == 0)
            return &promises[i];
    must(0, "there is no such call");
    return 0;
}

static void cut(int control, const char *interface)
{
    struct ifreq request = { 0 };
    strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    must(ioctl(control, SIOCSIFFLAGS, &request) == 0, "cut");
}

static void make(const struct promise *promise, const char *path, pid_t daemon)
{
    unsigned int how = SHUTDOWN_WITHOUT_FLUSH;
    int control = socket(AF_INET, SOCK_DGRAM, 0);
    pthread_t thread;
    must(mkdir(path, 0755) == 0, "mkdir");
    folder = open(path, O_RDONLY | O_DIRECTORY);
    must(mkdirat(folder, "history", 0755) == 0, "mkdir");
    history = openat(folder, "history", O_RDONLY | O_DIRECTORY);
    promise->prepare();
    if (daemon) {
        must(pthread_create(&thread, 0, make_history, 0) == 0, "pthread_create");
        while (changes < CHANGES_BEFORE)
            usleep(100);
    } else {
        puts("ready");
        fflush(stdout);
        getchar();
    }
    int before = changes;

    int result = promise->make();
    int error = errno;
    if (daemon) {
        ioctl(3, FS_IOC_SHUTDOWN, &how);
        ioctl(4, FS_IOC_SHUTDOWN, &how);
        cut(control, "eth1");
        kill(daemon, SIGKILL);
        cut(control, "eth0");
    }
    printf("%s %s %d\n", result == 0 ? "returned" : "failed", result == 0 ? promise->call : strerror(error), before);
    fflush(stdout);
}

static int compare_names(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int is_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int same(int left, int right)
{
    struct dirent **names, **others;
    int count = scandirat(left, ".", &names, is_name, compare_names), equal = scandirat(right, ".", &others, is_name, compare_names) == count;
    for (int i = 0; i < count && equal; i++) {
        struct stat one, other;
        equal = strcmp(names[i]->d_name, others[i]->d_name) == 0
            && fstatat(left, names[i]->d_name, &one, AT_SYMLINK_NOFOLLOW) == 0 && fstatat(right, names[i]->d_name, &other, AT_SYMLINK_NOFOLLOW) == 0
            && one.st_mode == other.st_mode;
        if (equal && S_ISLNK(one.st_mode)) {
            char target[16] = "", wanted[16] = "";
            equal = readlinkat(left, names[i]->d_name, target, 15) > 0 && readlinkat(right, names[i]->d_name, wanted, 15) > 0
                && strcmp(target, wanted) == 0;
        }
    }
    return equal;
}

static int newest(int at)
{
    struct dirent **names;
    int count = scandirat(at, ".", &names, is_name, compare_names), newest = FIRST_CHANGE;
    for (int i = 0; i < count; i++)
        if (atoi(names[i]->d_name + 1) > newest)
            newest = atoi(names[i]->d_name + 1);
    return newest;
}

// Makes the history again beside the copy, up to where both are the same.
static int length_of_history(int copy)
{
    char scratch[] = "/tmp/safekit-promise-XXXXXX";
    must(mkdtemp(scratch) != 0, "mkdtemp");
    int at = open(scratch, O_RDONLY | O_DIRECTORY), last = newest(copy), made = 0, found = -1;
    while (found < 0 && FIRST_CHANGE + made <= last + 6) {
        if (FIRST_CHANGE + made >= last && same(copy, at))
            found = made;
        must(change(at, FIRST_CHANGE + made) == 0, "change");
        made++;
    }
    struct dirent **names;
    int count = scandirat(at, ".", &names, is_name, compare_names);
    for (int i = 0; i < count; i++)
        unlinkat(at, names[i]->d_name, names[i]->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    rmdir(scratch);
    return found;
}

static void check(const struct promise *promise, const char *path, int before)
{
    folder = open(path, O_RDONLY | O_DIRECTORY);
    must(folder >= 0, "the folder");
    must(promise->kept(), promise->call);
    history = openat(folder, "history", O_RDONLY | O_DIRECTORY);
    must(history >= 0, "the history");
    int length = length_of_history(history);
    errno = 0;
    must(length >= 0, "the history is no prefix of what was done");
    must(length >= before, "the history is shorter than it was before the call");
    printf("kept %s %d\n", promise->call, length);
}

int main(int count, char **words)
{
    for (int i = 0; i < CONTENT_BYTES; i++)
        content[i] = (char)('a' + i * 7 % 23);
    if (count == 2 && strcmp(words[1], "list") == 0)
        for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
            printf("%s %s\n", promises[i].call, promises[i].promised_by);
    else if (count >= 4 && strcmp(words[1], "do") == 0)
        make(find(words[3]), words[2], count > 4 ? atoi(words[4]) : 0);
    else if (count == 5 && strcmp(words[1], "check") == 0)
        check(find(words[3]), words[2], atoi(words[4]));
    else
        must(0, "usage: promise do FOLDER CALL [DAEMON] | check FOLDER CALL BEFORE | list");
    return 0;
}
