// What Debian's libstdc++, libgcc and OpenSSL, which are built for glibc, call by names that musl does not have. tests/platforms/musl puts it
// in the place of glibc's dynamic linker, which libstdc++ asks for.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

char __libc_single_threaded; // no
unsigned __cpu_model[4];
int __cpu_indicator_init(void) { return 0; }

// Declared here, because glibc's headers, which this is compiled with, give some of them other names.
int fstat(int, void *), vfprintf(void *, const char *, va_list), vsprintf(char *, const char *, va_list), fseeko(void *, long, int);
long lseek(int, long, int), ftello(void *), getrandom(void *, unsigned long, unsigned);
void *fopen(const char *, const char *), vsyslog(int, const char *, va_list);
unsigned long strftime_l(char *, unsigned long, const char *, const void *, void *);

void *fopen64(const char *path, const char *mode) { return fopen(path, mode); }
int fseeko64(void *file, long offset, int whence) { return fseeko(file, offset, whence); }
long ftello64(void *file) { return ftello(file); }
int fstat64(int file, void *facts) { return fstat(file, facts); }
long lseek64(int file, long offset, int whence) { return lseek(file, offset, whence); }
unsigned long __strftime_l(char *to, unsigned long size, const char *format, const void *time, void *locale) {
  return strftime_l(to, size, format, time, locale);
}

unsigned arc4random(void) {
  unsigned number;
  if (getrandom(&number, sizeof number, 0) != sizeof number) abort();
  return number;
}

void *__memcpy_chk(void *to, const void *from, unsigned long size, unsigned long room) { return size > room ? abort(), to : memcpy(to, from, size); }
void *__memset_chk(void *to, int value, unsigned long size, unsigned long room) { return size > room ? abort(), to : memset(to, value, size); }
char *__strcat_chk(char *to, const char *from, unsigned long room) { return strlen(to) + strlen(from) >= room ? abort(), to : strcat(to, from); }
long __fdelt_chk(long number) { return number < 0 || number >= 1024 ? abort(), 0 : number / 64; }
int __vfprintf_chk(void *file, int flag, const char *format, va_list arguments) { return vfprintf(file, format, arguments); }
int __fprintf_chk(void *file, int flag, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = vfprintf(file, format, arguments);
  va_end(arguments);
  return count;
}
int __sprintf_chk(char *to, int flag, unsigned long room, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = vsprintf(to, format, arguments);
  va_end(arguments);
  return count;
}
void __syslog_chk(int priority, int flag, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}

// OpenSSL's coroutines and libstdc++'s destructors of a thread's variables; nothing here needs either.
int getcontext(void *context) { return -1; }
int setcontext(const void *context) { return -1; }
void makecontext(void *context, void (*start)(void), int count, ...) { abort(); }
int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *library) { return 0; }

// How an exception finds the frames of an address.
struct wanted { unsigned long address; struct dl_find_object *result; };

static int look(struct dl_phdr_info *object, size_t size, void *argument) {
  struct wanted *wanted = argument;
  unsigned long end = 0;
  void *frames = 0;
  int within = 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &object->dlpi_phdr[i];
    unsigned long start = object->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_LOAD) {
      within |= wanted->address >= start && wanted->address < start + header->p_memsz;
      if (start + header->p_memsz > end) end = start + header->p_memsz;
    }
    if (header->p_type == PT_GNU_EH_FRAME) frames = (void *)start;
  }
  if (!within || !frames) return 0;
  memset(wanted->result, 0, sizeof *wanted->result);
  wanted->result->dlfo_map_start = (void *)object->dlpi_addr;
  wanted->result->dlfo_map_end = (void *)end;
  wanted->result->dlfo_eh_frame = frames;
  return 1;
}

int _dl_find_object(void *address, struct dl_find_object *result) {
  struct wanted wanted = { (unsigned long)address, result };
  return dl_iterate_phdr(look, &wanted) ? 0 : -1;
}
