#pragma once
// Linux calls that Swift's Glibc module does not carry.

// Asks the kernel to send this signal when the thread or process that started us ends (prctl(2)). 0 or -1.
int lamella_signal_at_parent_death(int signal);

// Takes the code and constants of this program and its libraries out of the process's resident memory; what is still
// used comes back at the next use, out of the page cache and in pages. Returns 0, or -1 with errno set.
int lamella_release_unused_code(void);

// Large blocks of memory go back to the kernel as soon as they are freed, for as long as much is allocated once: else
// the heap keeps what was needed on the way.
void lamella_heap_for_loading(void);

// Blocks that come and go again and again stay, and what the heap kept until now goes back.
void lamella_heap_for_running(void);
